namespace Wmgwd2.Status;

/// <summary>How texts are coloured (ECMA-48, select graphic rendition), or not at all.</summary>
/// <param name="isColoured">Whether they are.</param>
public sealed class Palette(bool isColoured)
{
    /// <summary>For what is no terminal, and for who doesn't want colours.</summary>
    public static Palette Plain { get; } = new(false);

    /// <summary>For terminals.</summary>
    public static Palette Coloured { get; } = new(true);

    /// <summary>What is as it should be: green.</summary>
    public string Good(string text) => Paint("32", text);

    /// <summary>What is on its way: yellow.</summary>
    public string Passing(string text) => Paint("33", text);

    /// <summary>What is wrong: red.</summary>
    public string Bad(string text) => Paint("31", text);

    /// <summary>What could be better: cyan.</summary>
    public string Note(string text) => Paint("36", text);

    /// <summary>A heading: bold.</summary>
    public string Heading(string text) => Paint("1", text);

    private string Paint(string rendition, string text) =>
        isColoured && text.Length > 0 ? $"\e[{rendition}m{text}\e[0m" : text;
}
