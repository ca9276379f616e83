namespace Akka.Pipeline.Core.Fleet;

using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;

/// <summary>Parts of an upload that wait for nodes.</summary>
/// <param name="UploadId">Of the store.</param>
/// <param name="Numbers">Which; one that waits already is not listed twice.</param>
/// <param name="Again">False: one that is recorded as finished is left out. True: the store does not have it, its record is dropped.</param>
public sealed record PartsToDo(string UploadId, IReadOnlyList<int> Numbers, bool Again = false);

/// <summary>Names one claim of a part.</summary>
public readonly record struct PartTicket(string UploadId, int PartNumber, int Claim);

/// <summary>A part to upload.</summary>
/// <param name="Ticket">The claim.</param>
/// <param name="Upload">Which file, object and part size; without the finished parts.</param>
public sealed record PartClaim(PartTicket Ticket, MultipartProgress Upload);

/// <summary>A part that the store has confirmed.</summary>
public sealed record PartFinish(PartTicket Ticket, PartFacts Part);

/// <summary>Gives a part back. Without effect when the claim is over.</summary>
public sealed record PartReturn(PartTicket Ticket, TimeSpan NotBefore);

/// <summary>How far an upload has come.</summary>
/// <param name="Waiting">Parts that nobody works on.</param>
/// <param name="Claimed">Parts that somebody works on.</param>
/// <param name="Finished">Parts that are finished.</param>
public sealed record PartsState(int Waiting, int Claimed, int Finished);
