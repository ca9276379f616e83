namespace Akka.Pipeline.Actors.Fleet;

using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Core.Stores;

/// <summary>
/// Which shared routes this node cannot serve because their store does not answer it. Others may still reach it, so what the node holds of them is better off with those.
/// </summary>
/// <param name="clock">A monotonic clock.</param>
/// <param name="patience">How long a store may do nothing but fail.</param>
internal sealed class StoreWatch(TimeProvider clock, TimeSpan patience)
{
    private readonly Dictionary<string, FencedStore> watched = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FencedStore> silent = new(StringComparer.Ordinal);

    public bool HasSilent => silent.Count > 0;

    public bool IsSilent(RouteContext route) => silent.ContainsKey(route.Name);

    /// <summary>The route's store as a session sees it.</summary>
    public FencedStore Fence(RouteContext route, HeldSession session) => watched[route.Name] = new FencedStore(route.Store, session, clock);

    /// <summary>Whether a store has done nothing but fail for too long. That may be the trouble of a single file, so it is asked.</summary>
    public bool HasSuspects => watched.Values.Any(IsSuspect);

    /// <summary>Asks those that are silent or suspected for something small; false where there is no answer.</summary>
    public Task<IReadOnlyDictionary<string, bool>> AskAsync(CancellationToken cancellation)
    {
        IReadOnlyList<KeyValuePair<string, FencedStore>> asked = [.. silent, .. watched.Where(store => IsSuspect(store.Value))];
        return Task.Run<IReadOnlyDictionary<string, bool>>(
            async () =>
            {
                var answers = await Task.WhenAll(asked.Select(store => store.Value.AnswersAsync(cancellation)));
                return asked.Zip(answers).ToDictionary(pair => pair.First.Key, pair => pair.Second, StringComparer.Ordinal);
            },
            cancellation);
    }

    /// <summary>Takes note of the answers, and returns the routes that can be served again, and those that cannot any more.</summary>
    public (IReadOnlyList<string> Back, IReadOnlyList<string> Gone) Note(IReadOnlyDictionary<string, bool> answers)
    {
        IReadOnlyList<string> back = [.. answers.Where(answer => answer.Value && silent.Remove(answer.Key)).Select(answer => answer.Key)];
        var gone = new List<string>();
        foreach (var (route, _) in answers.Where(answer => !answer.Value))
        {
            if (watched.Remove(route, out var store))
            {
                silent[route] = store;
                gone.Add(route);
            }
        }

        return (back, gone);
    }

    private bool IsSuspect(FencedStore store) => store.FailingFor >= patience;
}
