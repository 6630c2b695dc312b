using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using Xunit;

namespace Wmgwd2.Tests.Interop;

/// <summary>Has gcc say what this machine's headers make of C expressions.</summary>
internal static class CCompiler
{
    /// <summary>Compiles and runs one program that prints the value of each expression.</summary>
    public static Dictionary<string, long> Evaluate(IEnumerable<string> headers, IEnumerable<string> expressions)
    {
        string[] lines =
        [
            "#define _GNU_SOURCE",
            "#include <stdio.h>",
            .. headers.Select(header => $"#include <{header}>"),
            "int main(void)",
            "{",
            .. expressions.Distinct().Select(expression => $"    printf(\"%s\\t%lld\\n\", \"{expression}\", (long long)({expression}));"),
            "    return 0;",
            "}",
        ];
        string folder = Directory.CreateTempSubdirectory("wmgwd2-test-").FullName;
        try
        {
            string source = Path.Combine(folder, "values.c");
            string program = Path.Combine(folder, "values");
            File.WriteAllLines(source, lines);
            Run("gcc", "-o", program, source);
            return Run(program)
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split('\t'))
                .ToDictionary(pair => pair[0], pair => long.Parse(pair[1], CultureInfo.InvariantCulture));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(
                new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            string output = process.StandardOutput.ReadToEnd();
            string errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}:\n{errors}");
            return output;
        }
        catch (Win32Exception error)
        {
            throw new InvalidOperationException(
                $"These tests ask a C compiler: {program} can't be started ({error.Message}); install gcc.", error);
        }
    }
}
