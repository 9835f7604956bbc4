package dev.sglp.cli.teacher;

import dev.sglp.cli.text.ModelTokenizer;
import dev.sglp.data.image.Labels;
import dev.sglp.family.Architecture;
import dev.sglp.family.ModelFile;
import dev.sglp.fault.UsageException;
import java.io.IOException;
import java.util.Arrays;

/// Whether a network can teach another one.
public final class TeacherFit {
    private static final String PROBE = "The tower, built in 1889, is 330 metres tall; naïve façades cost 12.5 % more.";

    private TeacherFit() {}

    /// @throws IOException where it tells something else apart, or reads other tokens
    public static void check(ModelFile other, ModelFile file) throws IOException {
        var theirs = other.architecture();
        var own = file.architecture();
        if (own.input() instanceof Architecture.Input.Text reads) {
            checkTokens(other, file, reads);
            return;
        }
        if (theirs.classes() != own.classes() || !fits(theirs, own.input())) {
            throw new IOException(
                    "[%s] tells %d classes apart in %s, the network %d in %s. A teacher has the same classes, image size and normalisation"
                            .formatted(other.checkpoint().path(), theirs.classes(), theirs.input(), own.classes(),
                                    own.input()));
        }
        if (!theirs.classNames().isEmpty() && !own.classNames().isEmpty()
                && !Labels.agree(theirs.classNames(), own.classNames())) {
            throw new IOException("[%s] was trained on the classes %s, the network on %s. The labels would not agree"
                    .formatted(other.checkpoint().path(), theirs.classNames(), own.classNames()));
        }
    }

    /// Pictures of another size than by its own file are the same to a network that can look at them.
    private static boolean fits(Architecture theirs, Architecture.Input own) {
        if (theirs.input().fits(own)) {
            return true;
        }
        try {
            return own instanceof Architecture.Input.Image image && image.preparation().size().isPresent()
                    && theirs.input() instanceof Architecture.Input.Image
                    && theirs.preparedAs(image.preparation()).input().fits(own);
        } catch (UsageException _) {
            return false;
        }
    }

    /// Whether two networks say something of the same tokens.
    ///
    /// @param own what the second one reads
    /// @throws IOException where they do not
    public static void checkTokens(ModelFile other, ModelFile file, Architecture.Input.Text own) throws IOException {
        if (!(other.architecture().input() instanceof Architecture.Input.Text theirs)
                || theirs.vocabulary() != own.vocabulary() || theirs.answer() != own.answer()) {
            throw new IOException(
                    "[%s] takes %s and says %d numbers of it, [%s] takes %s and says %d. Both must have the same vocabulary"
                            .formatted(other.checkpoint().path(), other.architecture().input(),
                                    other.architecture().classes(), file.checkpoint().path(), own,
                                    file.architecture().classes()));
        }
        if (!Arrays.equals(ModelTokenizer.tokenizer(other).encode(PROBE),
                ModelTokenizer.tokenizer(file).encode(PROBE))) {
            throw new IOException("[%s] has another tokenizer than [%s]. Both must read the same tokens"
                    .formatted(other.checkpoint().path(), file.checkpoint().path()));
        }
    }
}
