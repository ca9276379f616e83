namespace Akka.Actor;

/// <summary>Counts a child's restarts against the limit of its supervisor.</summary>
internal sealed class RestartWindow
{
    private int _restarts;
    private long _startMilliseconds = -1;

    /// <summary>Counts one more restart; false if that is one too many. A limit below 0 is none; a window of 0 or less never ends.</summary>
    internal bool RequestPermission(int maxRestarts, int windowMilliseconds)
    {
        if (maxRestarts == 0)
        {
            return false;
        }

        if (windowMilliseconds > 0)
        {
            // A window without a limit allows one restart in it.
            return IsWithin(maxRestarts > 0 ? maxRestarts : 1, windowMilliseconds);
        }

        return maxRestarts < 0 || ++_restarts <= maxRestarts;
    }

    private bool IsWithin(int maxRestarts, int windowMilliseconds)
    {
        var now = Environment.TickCount64;
        if (_startMilliseconds < 0)
        {
            _startMilliseconds = now;
        }

        if (now - _startMilliseconds <= windowMilliseconds)
        {
            return ++_restarts <= maxRestarts;
        }

        _restarts = 1;
        _startMilliseconds = now;
        return true;
    }
}
