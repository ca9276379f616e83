namespace Akka.Event;

using Akka.Actor;

/// <summary>Logs dead letters, ten at most and then none for five minutes: the defaults of Akka.NET 1.5.30.</summary>
internal sealed class DeadLetterListener : ActorBase
{
    private const int LoggedInARow = 10;
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(5);

    private long _count;
    private long _resumeAtMilliseconds;

    protected override bool Receive(object message)
    {
        if (message is not AllDeadLetters letter)
        {
            return false;
        }

        if (letter is SuppressedDeadLetter || letter.Message is IDeadLetterSuppression)
        {
            return true;
        }

        _count++;
        if (_count > LoggedInARow)
        {
            if (Environment.TickCount64 < _resumeAtMilliseconds)
            {
                return true;
            }

            Log(letter, $", of which {_count - LoggedInARow - 1} were not logged. The counter will be reset now");
            _count = 0;
            return true;
        }

        if (_count == LoggedInARow)
        {
            _resumeAtMilliseconds = Environment.TickCount64 + (long)Pause.TotalMilliseconds;
            Log(letter, $", no more dead letters will be logged in next [{Pause}]");
        }
        else
        {
            Log(letter, "");
        }

        return true;
    }

    private void Log(AllDeadLetters letter, string remark)
    {
        var sender = ReferenceEquals(letter.Sender, Context.System.DeadLetters) ? "" : $" from {letter.Sender}";
        var what = letter is UnhandledMessage ? $"to {letter.Recipient} was unhandled" : $"to {letter.Recipient} was not delivered";
        Context.System.EventStream.Publish(new Info(
            letter.Recipient.Path.ToString(),
            letter.Recipient.GetType(),
            $"Message [{letter.Message.GetType().Name}]{sender} {what}. [{_count}] dead letters encountered{remark}. Message content: {letter.Message}"));
    }
}
