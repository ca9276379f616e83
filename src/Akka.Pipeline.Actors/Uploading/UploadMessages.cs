namespace Akka.Pipeline.Actors.Uploading;

using Akka.Actor;
using Akka.Event;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Core.Deduplication;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;
using Failure = Akka.Pipeline.Core.Failures.Failure;

/// <summary>dedupe -> uploaders: work of this route will come from here; what was asked for before is forgotten.</summary>
/// <param name="Route">The route.</param>
/// <param name="Replies">The route's actor: it gets settled and recorded files, and passes them to the right stage.</param>
public sealed record RegisterRoute(RouteContext Route, IActorRef Replies);

/// <summary>uploaders -> a slot: bring these files of one route into its store, one after the other.</summary>
public sealed record UploadBatch(RouteContext Route, IReadOnlyList<UploadPlan> Plans, bool IsProbe);

/// <summary>a slot -> uploaders: how they fared, in order.</summary>
public sealed record BatchFinished(UploadBatch Batch, IReadOnlyList<TransferResult> Results) : IDeadLetterSuppression;

/// <summary>uploaders -> slots: nothing more after the file under way.</summary>
public sealed record FinishCurrent;

/// <summary>uploaders -> slots: nothing more, and break off the file under way.</summary>
public sealed record BreakOff;

/// <summary>pipeline -> uploaders: this machine may be lost; from now on small files first, and no large one that does not fit (see <see cref="Core.Spot.LastUploads"/>).</summary>
/// <param name="Until">Monotonic clock.</param>
public sealed record SaveFiles(TimeSpan Until);

/// <summary>to the pipeline: the store refuses our credentials, and nothing has ever been stored in this run.</summary>
public sealed record CredentialsRefused(Failure Failure);

/// <summary>How an attempt to bring a file into its store ended.</summary>
public enum TransferOutcome
{
    /// <summary>Its bytes were sent and confirmed.</summary>
    Stored,

    /// <summary>They were there already, confirmed.</summary>
    AlreadyStored,

    /// <summary>It is another version by now.</summary>
    Changed,

    /// <summary>Somebody has it open for writing again.</summary>
    BeingWritten,

    /// <summary>There is no such file any more.</summary>
    Gone,

    /// <summary>See the failure.</summary>
    Failed,

    /// <summary>It was not tried: an earlier file of the batch failed for a reason that it shares, or the node is about to stop.</summary>
    NotTried,
}

/// <summary>How one file fared.</summary>
public sealed record TransferResult(UploadPlan Plan, TransferOutcome Outcome, StoredVersion? Stored = null, Failure? Failure = null);

/// <summary>to the janitor: end the multipart uploads that nobody goes on with, and answer <see cref="UploadsTidied"/>.</summary>
public sealed record TidyUploads;

/// <summary>The janitor has done what it could.</summary>
/// <param name="Ended">Uploads ended.</param>
public sealed record UploadsTidied(int Ended);

/// <summary>janitor -> uploaders: let no upload of this key begin until <see cref="ReleaseKey"/>; answered by <see cref="KeyHeld"/>.</summary>
public sealed record HoldKey(string Store, ObjectAddress Address);

/// <summary>uploaders -> janitor: whether the key is yours now; no when it is being written.</summary>
public sealed record KeyHeld(bool IsHeld);

/// <summary>janitor -> uploaders: uploads of this key may begin again.</summary>
public sealed record ReleaseKey(string Store, ObjectAddress Address);
