using System;

namespace Wmgwd2.Config;

/// <summary>A config file.</summary>
/// <param name="Path">Its path, as it was given.</param>
/// <param name="ReadText">
/// Reads all of it, in bounded time; an <see cref="System.IO.IOException"/>, whose message doesn't name the file, when that can't be.
/// </param>
public sealed record ConfigFile(string Path, Func<string> ReadText);
