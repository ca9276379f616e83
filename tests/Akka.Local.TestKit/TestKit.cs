namespace Akka.TestKit.Xunit2;

using Akka.Actor;
using Akka.Event;
using Xunit.Abstractions;

/// <summary>The base of a test class: an actor system of its own, and a test actor that is the sender of what the test tells.</summary>
public class TestKit : TestKitBase, IDisposable
{
    public TestKit(ActorSystem? system = null, ITestOutputHelper? output = null)
        : base(system ?? ActorSystem.Create("test", output is null ? [] : [new TestOutputSink(output)], LogLevel.InfoLevel), null)
    {
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        AfterAll();
        ActorCell.SetCurrent(null);
        SynchronizationContext.SetSynchronizationContext(null);
    }

    /// <summary>Runs after each test, before the system is stopped.</summary>
    protected virtual void AfterAll() => Shutdown();

    private sealed class TestOutputSink(ITestOutputHelper output) : ILogSink
    {
        public void Write(LogEvent logEvent)
        {
            try
            {
                output.WriteLine(logEvent.ToString());
            }
            catch (InvalidOperationException)
            {
                // The test is over, and its output closed.
            }
        }
    }
}
