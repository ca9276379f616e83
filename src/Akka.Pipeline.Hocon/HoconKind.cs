namespace Akka.Pipeline.Hocon;

/// <summary>What a value is as it was written; typed readers convert between text, numbers and booleans as the specification says.</summary>
public enum HoconKind
{
    /// <summary>Text, quoted or not.</summary>
    Text,

    /// <summary>A number in JSON's format, kept as written.</summary>
    Number,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Truth,

    /// <summary><c>null</c>: set, and thereby erased.</summary>
    Null,

    /// <summary>A list.</summary>
    List,

    /// <summary>An object: keys with values.</summary>
    Map,
}
