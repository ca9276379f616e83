namespace Akka.Pipeline.Actors.Fleet;

using Akka.Actor;
using Akka.Event;

/// <summary>What becomes of routes whose store does not answer this node: their work is given to others until it does.</summary>
public sealed partial class FleetActor
{
    private bool askingStores;

    private void ReceiveNewsOfStores()
    {
        Receive<AskStores>(_ => Ask());
        Receive<StoresAsked>(OnStoresAsked);
    }

    // A run that ends has its own patience, and tells what is left.
    private void SuspectStores()
    {
        if (!node.Settings.Once && stores.HasSuspects)
        {
            Ask();
        }
    }

    private void Ask()
    {
        if (!askingStores)
        {
            askingStores = true;
            stores.AskAsync(stopping.Token).PipeTo(Self, success: answers => new StoresAsked(answers), failure: _ => new StoresAsked(new Dictionary<string, bool>()));
        }
    }

    // What it holds is free at once; what was under way ends like that of a node that died.
    private void GiveUp(string why)
    {
        if (session is { } given && !leaving)
        {
            access!.Fleet.LeaveAsync(given.Session.Id, stopping.Token).ContinueWith(done => _ = done.Exception, TaskScheduler.Default);
            Drop(why);
        }
    }

    private void OnStoresAsked(StoresAsked asked)
    {
        askingStores = false;
        var (back, gone) = stores.Note(asked.Answers);
        if (back.Count > 0)
        {
            log.Info("The store of route {0} answers again.", string.Join(", ", back));
        }

        if (gone.Count > 0)
        {
            GiveUp($"the store of route {string.Join(", ", gone)} does not answer this node, and may answer others");
        }
        else if (back.Count > 0)
        {
            GiveUp("another route can be served again");
            if (pipeline.IsNobody())
            {
                BeginJoin();
            }
        }

        if (stores.HasSilent)
        {
            Timers.StartSingleTimer("stores", new AskStores(), ports.Settings.SessionTimeout);
        }
    }

    private sealed record AskStores;

    private sealed record StoresAsked(IReadOnlyDictionary<string, bool> Answers) : IDeadLetterSuppression;
}
