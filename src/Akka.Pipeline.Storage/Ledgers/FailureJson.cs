namespace Akka.Pipeline.Storage.Ledgers;

using System.Text.Json;
using System.Text.Json.Serialization;
using Akka.Pipeline.Core.Failures;

/// <summary>A <see cref="Failure"/> as the text of one column: failures are rare, so their rows may be long, and an operator can read them.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(Failure))]
internal sealed partial class FailureJson : JsonSerializerContext
{
    public static string Write(Failure failure) => JsonSerializer.Serialize(failure, Default.Failure);

    public static Failure Read(string json) => JsonSerializer.Deserialize(json, Default.Failure)!;
}
