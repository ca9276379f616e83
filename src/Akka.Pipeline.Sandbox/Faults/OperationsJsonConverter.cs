namespace Akka.Pipeline.Sandbox;

using System.Text.Json;
using System.Text.Json.Serialization;

/// <summary>Operations as a list of their names.</summary>
internal sealed class OperationsJsonConverter : JsonConverter<IReadOnlyList<S3Operation>>
{
    public override IReadOnlyList<S3Operation> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var names = new List<string>();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException("Operations are a list of names.");
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            names.Add(reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw new JsonException("Operations are a list of names."));
        }

        return [.. names.Select(name => Enum.TryParse<S3Operation>(name, ignoreCase: true, out var operation) && Enum.IsDefined(operation)
            ? operation
            : throw new JsonException($"'{name}' is no operation. Known are {string.Join(", ", Enum.GetNames<S3Operation>())}."))];
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<S3Operation> value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (var operation in value)
        {
            writer.WriteStringValue(operation.ToString());
        }

        writer.WriteEndArray();
    }
}
