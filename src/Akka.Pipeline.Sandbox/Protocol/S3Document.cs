namespace Akka.Pipeline.Sandbox.Protocol;

using System.Text;
using System.Xml;
using System.Xml.Linq;

/// <summary>Documents of S3's API. Keys may hold characters that XML cannot, and go out as character references, as AWS sends them.</summary>
internal static class S3Document
{
    private const string Namespace = "http://s3.amazonaws.com/doc/2006-03-01/";
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);
    private static readonly XmlWriterSettings Writing = new() { Encoding = Utf8, CheckCharacters = false, NewLineHandling = NewLineHandling.Entitize };
    private static readonly XmlReaderSettings Reading = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        CheckCharacters = false,
        MaxCharactersInDocument = 8 << 20,
    };

    public static byte[] Write(string root, Action<XmlWriter> content, bool withNamespace = true)
    {
        using var memory = new MemoryStream();
        using (var writer = XmlWriter.Create(memory, Writing))
        {
            writer.WriteStartDocument();
            if (withNamespace)
            {
                writer.WriteStartElement(root, Namespace);
            }
            else
            {
                writer.WriteStartElement(root);
            }

            content(writer);
            writer.WriteEndElement();
        }

        return memory.ToArray();
    }

    public static byte[] Error(string code, string message, IEnumerable<KeyValuePair<string, string>> details, string resource, string requestId) =>
        Write("Error", xml =>
        {
            xml.Text("Code", code);
            xml.Text("Message", message);
            foreach (var detail in details)
            {
                xml.Text(detail.Key, detail.Value);
            }

            xml.Text("Resource", resource);
            xml.Text("RequestId", requestId);
        }, withNamespace: false);

    /// <exception cref="S3Exception">MalformedXML, where the document is none or has another root.</exception>
    public static XElement Read(byte[] body, string root)
    {
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(body), Reading);
            var element = XDocument.Load(reader, LoadOptions.PreserveWhitespace).Root;
            return element?.Name.LocalName == root ? element : throw S3Errors.MalformedXml();
        }
        catch (XmlException)
        {
            throw S3Errors.MalformedXml();
        }
    }

    extension(XmlWriter xml)
    {
        public void Text(string name, string? value)
        {
            if (value is not null)
            {
                xml.WriteStartElement(name);
                xml.WriteString(value);
                xml.WriteEndElement();
            }
        }

        public void Nested(string name, Action content)
        {
            xml.WriteStartElement(name);
            content();
            xml.WriteEndElement();
        }
    }

    extension(XElement element)
    {
        public IEnumerable<XElement> Named(string name) => element.Elements().Where(child => child.Name.LocalName == name);

        public string? TextOf(string name) => element.Named(name).FirstOrDefault()?.Value;
    }
}
