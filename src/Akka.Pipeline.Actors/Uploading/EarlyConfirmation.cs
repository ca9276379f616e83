namespace Akka.Pipeline.Actors.Uploading;

using System.Diagnostics;
using Akka.Actor;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Core.Failures;

/// <summary>The mutation that does not wait for the ledger before files are removed: the torture has to notice it. Absent from normal builds.</summary>
internal static class EarlyConfirmation
{
    [Conditional("FAULT_POINTS")]
    public static void Tell(IActorRef replies, FilesRecorded? files)
    {
        var waits = files;
        FaultPoint.Disable("ledger-commit-before-removal", ref waits);
        if (waits is null && files is not null)
        {
            replies.Tell(files);
        }
    }
}
