namespace Akka.Actor;

using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;
using System.Reflection;

/// <summary>The recipe for an actor: immutable, shared, and run again at each restart.</summary>
public class Props
{
    private readonly Func<ActorBase> _produce;

    internal Props(Type type, object?[] arguments, Func<ActorBase> produce, SupervisorStrategy? supervisorStrategy = null)
    {
        Type = type;
        Arguments = arguments;
        SupervisorStrategy = supervisorStrategy;
        _produce = produce;
    }

    public Type Type { get; }

    public string TypeName => Type.AssemblyQualifiedName!;

    public object?[] Arguments { get; }

    /// <summary>Takes the place of the actor's own strategy where it is set.</summary>
    public SupervisorStrategy? SupervisorStrategy { get; }

    /// <summary>From <c>() => new MyActor(a, b)</c>. The arguments are evaluated once, here, and not again at a restart.</summary>
    /// <exception cref="ArgumentException">The expression is no <c>new</c>.</exception>
    public static Props Create<TActor>(Expression<Func<TActor>> factory, SupervisorStrategy? supervisorStrategy = null)
        where TActor : ActorBase
    {
        if (factory.Body is not NewExpression { Constructor: { } constructor } creation)
        {
            throw new ArgumentException("The create function must be a 'new T (args)' expression");
        }

        var arguments = creation.Arguments.Select(Evaluate).ToArray();
        return new Props(typeof(TActor), arguments, Producer(constructor, arguments), supervisorStrategy);
    }

    public static Props Create<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TActor>(params object[] args)
        where TActor : ActorBase => Create(typeof(TActor), args);

    public static Props Create<TActor>(SupervisorStrategy supervisorStrategy)
        where TActor : ActorBase, new() => new(typeof(TActor), [], static () => new TActor(), supervisorStrategy);

    public static Props Create([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type type, params object[] args)
    {
        ArgumentNullException.ThrowIfNull(type);
        return new Props(type, args, () => (ActorBase)Activator.CreateInstance(type, args)!);
    }

    public Props WithSupervisorStrategy(SupervisorStrategy supervisorStrategy) => new(Type, Arguments, _produce, supervisorStrategy);

    /// <exception cref="TypeLoadException">The constructor failed; the inner exception says why.</exception>
    public virtual ActorBase NewActor()
    {
        try
        {
            return _produce();
        }
        catch (Exception e)
        {
            throw new TypeLoadException($"Error while creating actor instance of type {Type} with {Arguments.Length} args: ({string.Join(",", Arguments)})", e);
        }
    }

    private static Func<ActorBase> Producer(ConstructorInfo constructor, object?[] arguments)
    {
        var invoker = ConstructorInvoker.Create(constructor);
        return () =>
        {
            try
            {
                return (ActorBase)invoker.Invoke(arguments.AsSpan());
            }
            catch (Exception e) when (e is not TargetInvocationException)
            {
                throw new TargetInvocationException(e);
            }
        };
    }

    private static object? Evaluate(Expression argument) => argument is ConstantExpression constant
        ? constant.Value
        : Expression.Lambda<Func<object?>>(Expression.Convert(argument, typeof(object))).Compile(preferInterpretation: true)();
}
