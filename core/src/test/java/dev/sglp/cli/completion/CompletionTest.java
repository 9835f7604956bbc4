package dev.sglp.cli.completion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sglp.cli.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The script in the shells themselves: what they offer behind a line.
final class CompletionTest {
    @TempDir
    static Path folder;
    private static String script = "";

    @BeforeAll
    static void writeScriptAndFiles() throws IOException {
        var run = Run.of("generate-completion");
        assertThat(run.code()).as(run.err()).isZero();
        script = run.out();
        for (var file : List.of("piqa.jsonl", "cifar.zip", "two words.th")) {
            Files.createFile(folder.resolve(file));
        }
        Files.createDirectory(folder.resolve("runs"));
    }

    /// What is offered at the end of a line, one a line.
    private static List<String> offered(List<String> shell, String line) throws IOException, InterruptedException {
        var file = Files.writeString(folder.resolve(".completion"), script);
        var asks = """
                source %s 2>/dev/null
                COMP_LINE=$1 COMP_POINT=${#1}
                _sglp
                printf '%%s\\n' "${COMPREPLY[@]}"
                """.formatted(file);
        var process = new ProcessBuilder(Stream.concat(shell.stream(), Stream.of(asks, line)).toList())
                .directory(folder.toFile()).redirectErrorStream(true).start();
        var printed = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(printed).isZero();
        return Arrays.stream(printed.split("\n")).filter(l -> !l.isEmpty()).sorted().toList();
    }

    private static List<String> bash(String line) throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/bin/bash")));
        return offered(List.of("/bin/bash", "--norc", "-c", "COMP_WORDBREAKS=$' \\t\\n\"\\'><=;|&(:'; eval \"$0\""),
                line);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"ev | evaluate", "study me | methods", "prune m.th --quo | --quota",
            "prune m.th --quota ^ | global proportional", "prune m.th --criterion gradnorm- | gradnorm-skip",
            "analyze m.th --method s | sglp sleb", "prune m.th --norm ^ | global sum",
            "prune m.th --cka=un | unbiased", "prune m.th --heal ^ | auto blockwise bn distil full lora none partial",
            "study methods m.th --heal none, | none,auto none,bn none,none", "prune m.th --format p | pth",
            "finetune m.th --optimizer ^ | adamw sgd", "evaluate m.th --normalise c | cifar10 cifar100",
            "prune m.th --data te | text:", "prune m.th --data ta |", "evaluate m.th --data images:c | cifar.zip",
            "evaluate m.th --data task:pi | piqa=", "evaluate m.th --data task:piqa=p | piqa.jsonl",
            "evaluate m.th --data=cifar | cifar100: cifar10:", "evaluate m.th --json p | piqa.jsonl",
            "evaluate m.th --quiet c | cifar.zip", "prune m.th --remove ^ |", "inspect t | two words.th",
            "inspect two\\ w | two words.th", "prune m.th -k a | auto", "evaluate m.th --samp |",
            "help pr | prune", "prune m.th --device ^ | cpu cuda"})
    void bashOffersWhatCanStandThere(String line, String wanted) throws IOException, InterruptedException {
        var typed = "sglp " + line.replace("^", ""); // it ends in a blank
        var words = wanted == null
                ? List.<String>of()
                : wanted.startsWith("two") ? List.of(wanted) : List.of(wanted.split(" "));
        assertThat(bash(typed)).isEqualTo(words);
    }

    @Test
    void aLineThatEndsInABlankBeginsAWord() throws IOException, InterruptedException {
        assertThat(bash("sglp prune m.th --quota ")).containsExactly("global", "proportional");
        assertThat(bash("sglp prune m.th --remove ")).isEmpty();
        assertThat(bash("sglp ")).contains("prune", "study").doesNotContain("methods");
        assertThat(bash("sglp inspect ")).contains("cifar.zip", "runs");
        assertThat(bash("sglp prune m.th --data ")).contains("images:", "jsonl:").noneMatch(w -> w.startsWith("task"));
    }

    /// It has one word where bash has several.
    @Test
    void zshOffersWholeWords() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/zsh")), "no zsh here");
        var zsh = List.of("/usr/bin/zsh", "-f", "-c", "autoload -U compinit && compinit -u; eval \"$0\"");
        assertThat(offered(zsh, "sglp prune m.th --quota ")).containsExactly("global ", "proportional ");
        assertThat(offered(zsh, "sglp prune m.th --data i")).containsExactly("images:");
        assertThat(offered(zsh, "sglp evaluate m.th --data images:c")).containsExactly("images:cifar.zip ");
        assertThat(offered(zsh, "sglp evaluate r")).containsExactly("runs/");
        assertThat(offered(zsh, "sglp ev")).containsExactly("evaluate ");
    }

    @Test
    void filesOfTheHomeDirectoryKeepItsShortName() throws IOException, InterruptedException {
        var home = "HOME=" + folder + "; ";
        assertThat(offered(List.of("/bin/bash", "--norc", "-c", home + "eval \"$0\""), "sglp evaluate ~/ru"))
                .containsExactly("~/runs");
    }
}
