namespace Akka.Pipeline.Hocon.Resolving;

using System.Runtime.CompilerServices;

/// <summary>What resolving one document may cost. A few lines of substitutions can ask for more than any machine has.</summary>
internal sealed class Budget
{
    private int _steps = HoconLimits.ResolveSteps;
    private int _characters = HoconLimits.JoinedCharacters;
    private int _chain;

    public void SpendSteps(int count, HoconOrigin at)
    {
        _steps -= count;
        if (_steps < 0)
        {
            throw new HoconException(at, $"the configuration takes more than {HoconLimits.ResolveSteps} steps to resolve", "use fewer values, and fewer substitutions that repeat one another");
        }
    }

    public void SpendCharacters(int count, HoconOrigin at)
    {
        _characters -= count;
        if (_characters < 0)
        {
            throw new HoconException(at, $"joined texts are longer than {HoconLimits.JoinedCharacters} characters together", "use fewer substitutions that repeat one another");
        }
    }

    public void EnterSubstitution(HoconOrigin at)
    {
        if (++_chain > HoconLimits.SubstitutionChain || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new HoconException(at, $"more than {HoconLimits.SubstitutionChain} substitutions lead to one another", "name the value more directly");
        }
    }

    public void LeaveSubstitution() => _chain--;
}
