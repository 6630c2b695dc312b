// The daemon is for Linux alone, and so are its tests.
[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]
