namespace Akka.Pipeline.Actors.Spot;

/// <summary>
/// On the event stream: the machine is (or is no longer) more likely to be taken than others. While it is on, a node takes no new work that others could do. Published at each
/// change; a node starts with false.
/// </summary>
public sealed record RebalanceRecommended(bool IsRecommended);
