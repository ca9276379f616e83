namespace Akka.Pipeline.Actors.Uploading;

using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;

/// <summary>Lets other nodes send parts as well.</summary>
internal interface IPartSharing
{
    /// <summary>Sees to it that the missing parts are sent, by whichever node.</summary>
    /// <param name="route">The file's route.</param>
    /// <param name="file">The file.</param>
    /// <param name="upload">The upload, with the parts that hold.</param>
    /// <param name="missing">Parts that were not finished when it was looked at. Others may have finished some since.</param>
    /// <param name="lost">Those of them that the ledger takes for finished, wrongly.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>All parts, by number.</returns>
    /// <exception cref="FileChangedException">The file is another version by now.</exception>
    /// <exception cref="StoreException">The store has lost the upload, or nobody gets on with it.</exception>
    /// <exception cref="HandedOverException">This node is about to leave; others go on.</exception>
    Task<IReadOnlyList<PartFacts>> SendAsync(RouteContext route, ISourceFile file, MultipartProgress upload, IReadOnlyList<int> missing, IReadOnlyList<int> lost, CancellationToken cancellation);
}

/// <summary>Others go on with the file.</summary>
internal sealed class HandedOverException() : Exception("Other nodes go on with it.");
