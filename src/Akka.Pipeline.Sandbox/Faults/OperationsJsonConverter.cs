namespace Akka.Pipeline.Sandbox;

using System.Text.Json;
using System.Text.Json.Serialization;

/// <summary>Operations as a list of their names.</summary>
internal sealed class OperationsJsonConverter : JsonConverter<IReadOnlyList<S3Operation>>
{
    public override IReadOnlyList<S3Operation> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var names = JsonSerializer.Deserialize<List<string>>(ref reader, options) ?? [];
        return [.. names.Select(name => Enum.TryParse<S3Operation>(name, ignoreCase: true, out var operation) && Enum.IsDefined(operation)
            ? operation
            : throw new JsonException($"'{name}' is no operation. Known are {string.Join(", ", Enum.GetNames<S3Operation>())}."))];
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<S3Operation> value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value.Select(operation => operation.ToString()), options);
}
