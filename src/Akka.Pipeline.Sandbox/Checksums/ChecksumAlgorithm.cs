namespace Akka.Pipeline.Sandbox.Checksums;

using Akka.Pipeline.Sandbox.Protocol;

/// <summary>The checksum algorithms of S3.</summary>
internal enum ChecksumAlgorithm
{
    Crc32,
    Crc32C,
    Crc64Nvme,
    Sha1,
    Sha256,
}

/// <summary>Whether a checksum of a multipart object is one of all its bytes, or a checksum of its parts' checksums.</summary>
internal enum ChecksumType
{
    FullObject,
    Composite,
}

/// <summary>Names of the algorithms on the wire, and what each allows.</summary>
internal static class ChecksumAlgorithms
{
    public static readonly IReadOnlyList<ChecksumAlgorithm> All = Enum.GetValues<ChecksumAlgorithm>();

    extension(ChecksumAlgorithm algorithm)
    {
        public string WireName => algorithm switch
        {
            ChecksumAlgorithm.Crc32 => "CRC32",
            ChecksumAlgorithm.Crc32C => "CRC32C",
            ChecksumAlgorithm.Crc64Nvme => "CRC64NVME",
            ChecksumAlgorithm.Sha1 => "SHA1",
            _ => "SHA256",
        };

        public string HeaderName => algorithm switch
        {
            ChecksumAlgorithm.Crc32 => "x-amz-checksum-crc32",
            ChecksumAlgorithm.Crc32C => "x-amz-checksum-crc32c",
            ChecksumAlgorithm.Crc64Nvme => "x-amz-checksum-crc64nvme",
            ChecksumAlgorithm.Sha1 => "x-amz-checksum-sha1",
            _ => "x-amz-checksum-sha256",
        };

        public string ElementName => "Checksum" + algorithm.WireName;

        public int SizeBytes => algorithm switch
        {
            ChecksumAlgorithm.Crc32 or ChecksumAlgorithm.Crc32C => 4,
            ChecksumAlgorithm.Crc64Nvme => 8,
            ChecksumAlgorithm.Sha1 => 20,
            _ => 32,
        };

        public CrcTable? Table => algorithm switch
        {
            ChecksumAlgorithm.Crc32 => CrcTable.Crc32,
            ChecksumAlgorithm.Crc32C => CrcTable.Crc32C,
            ChecksumAlgorithm.Crc64Nvme => CrcTable.Crc64Nvme,
            _ => null,
        };

        /// <summary>The type that a multipart upload gets when it names none.</summary>
        public ChecksumType DefaultType => algorithm == ChecksumAlgorithm.Crc64Nvme ? ChecksumType.FullObject : ChecksumType.Composite;

        public bool Allows(ChecksumType type) => type == ChecksumType.FullObject ? algorithm.Table is not null : algorithm != ChecksumAlgorithm.Crc64Nvme;
    }

    extension(ChecksumType type)
    {
        public string WireName => type == ChecksumType.FullObject ? "FULL_OBJECT" : "COMPOSITE";
    }

    /// <exception cref="S3Exception">A name that S3 does not know.</exception>
    public static ChecksumAlgorithm Parse(string wireName)
    {
        foreach (var algorithm in All)
        {
            if (string.Equals(algorithm.WireName, wireName, StringComparison.OrdinalIgnoreCase))
            {
                return algorithm;
            }
        }

        throw S3Errors.InvalidRequest("Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
    }

    /// <exception cref="S3Exception">A name that S3 does not know.</exception>
    public static ChecksumType ParseType(string wireName) => wireName switch
    {
        "FULL_OBJECT" => ChecksumType.FullObject,
        "COMPOSITE" => ChecksumType.Composite,
        _ => throw S3Errors.InvalidRequest("Value for x-amz-checksum-type header is invalid."),
    };
}
