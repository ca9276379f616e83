namespace Akka.Pipeline.Actors.Uploading;

using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Core.Deduplication;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;

/// <summary>
/// Asks the store before bytes are sent, where <see cref="Expectation"/> says so; one for all uploads of a route. With a ledger that knows nothing of the route, which may
/// have been lost, the first file that is not small asks, and those that come meanwhile wait for what it learns.
/// </summary>
internal sealed class FirstLooks(RouteContext route, ILedger ledger)
{
    private readonly SemaphoreSlim probing = new(1, 1);
    private Expectation expectation = Expectation.None;
    private volatile bool probed;

    /// <summary>What the store has at the address of a file that it may not have yet. Not looked at all where writing is as good.</summary>
    public async Task<FirstLook> LookAsync(UploadPlan plan, CancellationToken cancellation)
    {
        var size = plan.Fingerprint.SizeBytes;
        if (!plan.MayBeStored && size > Expectation.SmallBytes && !probed)
        {
            await probing.WaitAsync(cancellation);
            try
            {
                if (!probed && !Volatile.Read(ref expectation).HasEvidence && await IsLedgerEmptyAsync(cancellation))
                {
                    var there = await route.Store.HeadAsync(plan.Address, cancellation);
                    Learned(there?.SizeBytes == size);
                    return new FirstLook(Looked: true, there);
                }
            }
            finally
            {
                // However it ended: a store that does not answer is not to be asked by one after the other.
                probed = true;
                probing.Release();
            }
        }

        return Volatile.Read(ref expectation).AsksFirst(size, plan.MayBeStored)
            ? new FirstLook(Looked: true, await route.Store.HeadAsync(plan.Address, cancellation))
            : new FirstLook(Looked: false, null);
    }

    /// <summary>A file of which the ledger knew nothing was in the store already, or was not.</summary>
    public void Learned(bool wasThere)
    {
        while (true)
        {
            var before = Volatile.Read(ref expectation);
            var after = before.After(wasThere);
            if (after == before || ReferenceEquals(Interlocked.CompareExchange(ref expectation, after, before), before))
            {
                return;
            }
        }
    }

    private async Task<bool> IsLedgerEmptyAsync(CancellationToken cancellation)
    {
        await foreach (var _ in ledger.FilesAsync(new FileQuery(route.Name, Limit: 1), cancellation))
        {
            return false;
        }

        return true;
    }
}

/// <summary>What was found before a write.</summary>
/// <param name="Looked">False: nobody asked.</param>
/// <param name="There">The object, if there is one.</param>
internal readonly record struct FirstLook(bool Looked, ObjectFacts? There);
