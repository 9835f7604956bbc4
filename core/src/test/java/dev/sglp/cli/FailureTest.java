package dev.sglp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.fault.InputException;
import dev.sglp.fault.UsageException;
import dev.sglp.output.OutputException;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import dev.sglp.training.TrainingDiverged;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.util.stream.Stream;
import org.bytedeco.javacpp.FloatPointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/// Whose fault it is decides the exit code, and its type tells that.
final class FailureTest {
    private static final CommandLine PRUNE = command("prune");

    private static CommandLine command(String name) {
        return new CommandLine(new Main()).getSubcommands().get(name);
    }

    static Stream<Arguments> kinds() {
        return Stream.of(Arguments.of(new UsageException("--x is wrong"), 2, "--x is wrong"),
                Arguments.of(new InputException("layers 3 are broken"), 3, "layers 3 are broken"),
                Arguments.of(new IOException("[a.pt] is cut"), 3, "[a.pt] is cut"),
                Arguments.of(new UncheckedIOException(new OutputException("[b] is full", null)), 1, "[b] is full"),
                Arguments.of(new NoSuchFileException("c"), 3, "[c] does not exist"),
                Arguments.of(new TrainingDiverged("it diverged"), 1, "it diverged"),
                Arguments.of(initialising(new NoClassDefFoundError("com/twelvemonkeys/WebP")), 1,
                        "the class com.twelvemonkeys.WebP is not there"),
                Arguments.of(
                        new NoClassDefFoundError("org/x/Y").initCause(new ClassNotFoundException("org.x.Y")), 1,
                        "the class org.x.Y is not there"),
                Arguments.of(initialising(new NoClassDefFoundError("org/bytedeco/javacpp/Loader")), 1,
                        "libtorch cannot be loaded: java.lang.NoClassDefFoundError: org/bytedeco/javacpp/Loader"),
                Arguments.of(new NoClassDefFoundError("Could not initialize class org.bytedeco.pytorch.global.torch"),
                        1,
                        "libtorch cannot be loaded"),
                Arguments.of(initialising(loading(new UnsatisfiedLinkError("no jnitorch in java.library.path"))), 1,
                        "libtorch cannot be loaded: java.lang.UnsatisfiedLinkError: no jnitorch"),
                Arguments.of(new UnsatisfiedLinkError("no tokenizers in java.library.path"), 1,
                        "a part of the program cannot be loaded: java.lang.UnsatisfiedLinkError: no tokenizers"),
                Arguments.of(initialising(new IllegalStateException("twice")), 4, "internal error: java.lang.Illegal"),
                Arguments.of(new IllegalArgumentException("min > max"), 4, "internal error"),
                Arguments.of(new NumberFormatException("for input"), 4, "internal error"));
    }

    private static Throwable initialising(Throwable cause) {
        return new ExceptionInInitializerError(cause);
    }

    private static Throwable loading(Throwable thrown) {
        thrown.setStackTrace(new StackTraceElement[]{
                new StackTraceElement("org.bytedeco.javacpp.Loader", "loadLibrary", "Loader.java", 1)});
        return thrown;
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void everyKindHasItsCode(Throwable thrown, int code, String said) {
        var failure = Failure.of(thrown, PRUNE);
        assertThat(failure.code()).isEqualTo(code);
        assertThat(failure.message()).contains(said);
    }

    @Test
    void tooLittleMemoryNamesWhatThisCommandCanLower() {
        var libtorch = thrown(() -> Tensors.zeros(DType.F32, 1L << 45)); // 140.7 TB
        assertThat(Failure.of(libtorch, PRUNE)).satisfies(failure -> {
            assertThat(failure.code()).isEqualTo(1);
            assertThat(failure.message()).contains("too little memory", "140.7 TB",
                    "Lower --batch-size or --samples or --threads").doesNotContain("frame #", "\n");
        });
        assertThat(Failure.of(libtorch, command("apply")).message()).contains("Lower --threads")
                .doesNotContain("--batch-size", "--samples");
        assertThat(Failure.of(thrown(() -> new FloatPointer(1L << 46)), PRUNE)).satisfies(failure -> {
            assertThat(failure.code()).isEqualTo(1);
            assertThat(failure.message()).contains("too little memory", "--batch-size");
        });
        assertThat(Failure.of(new OutOfMemoryError("Java heap space"), PRUNE)).satisfies(failure -> {
            assertThat(failure.code()).isEqualTo(1);
            assertThat(failure.message()).contains("SGLP_JAVA_OPTS");
        });
    }

    @Test
    void whatElseLibtorchRefusesIsOurMistakeInOneLine() {
        var thrown = thrown(() -> {
            try (var _ = Scope.open()) {
                Tensors.zeros(DType.F32, 2, 3).mm(Tensors.zeros(DType.F32, 2, 3));
            }
        });
        var failure = Failure.of(thrown, PRUNE);
        assertThat(failure.code()).isEqualTo(4);
        assertThat(failure.message()).contains("internal error", "mat1 and mat2", "--debug").doesNotContain("frame #",
                "\n");
    }

    private static Throwable thrown(Runnable work) {
        try {
            work.run();
        } catch (Throwable e) {
            return e;
        }
        throw new AssertionError("nothing was thrown");
    }
}
