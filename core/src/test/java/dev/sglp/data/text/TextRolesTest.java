package dev.sglp.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sglp.data.DataRoles;
import dev.sglp.data.DataSpec;
import dev.sglp.data.OverlapException;
import dev.sglp.data.Spread;
import dev.sglp.fault.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/// Which lines play which role, and what two roles may share.
final class TextRolesTest {
    @TempDir
    Path folder;
    private Tokenizer tokenizer;

    @BeforeEach
    void open() throws IOException {
        tokenizer = Tokenizers.of(TokenizerFixture.metadata("gpt-2"));
    }

    private static List<String> lines(String of, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "line %04d of %s says something that no other line says".formatted(i, of)).toList();
    }

    private DataSpec file(String name, List<String> lines) throws IOException {
        var file = folder.resolve(name);
        Files.write(file, lines);
        return new DataSpec(DataSpec.Kind.TEXT, file.toString());
    }

    private TextRoles.Settings settings(DataSpec data) {
        return TextRoles.Settings.of(data, tokenizer, 16).withCounts(4, 6, 0);
    }

    private String text(dev.sglp.data.Dataset windows) {
        var text = new StringBuilder();
        for (int i = 0; i < windows.size(); i++) {
            text.append(tokenizer.decode(((TextWindows) windows).tokens(i)));
        }
        return text.toString();
    }

    @Test
    void oneFileIsCutIntoSevenOneAndTwoTenthsBeforeWindowing() throws IOException {
        var all = lines("one", 100);
        var roles = TextRoles.open(settings(file("one.txt", all)).withCounts(10_000, 10_000, 0));
        assertThat(text(roles.calibration())).startsWith(all.getFirst()).contains(all.get(68))
                .doesNotContain(all.get(70));
        assertThat(text(roles.verification())).startsWith(all.get(70)).contains(all.get(78))
                .doesNotContain(all.get(80));
        assertThat(text(roles.report())).startsWith(all.get(80)).contains(all.get(98));
        assertThat(roles.report().name()).startsWith("held-out part of one.txt");
        assertThat(roles.overlaps()).isEmpty();
        assertThat(roles.notes()).anyMatch(n -> n.contains("10,000 were wanted"))
                .anyMatch(n -> n.contains("first token is not predicted"));
    }

    /// Documents are shorter than the windows: there are more of them.
    @Test
    void plansAreVerifiedOnAsManyTokensWhateverTheWindow() throws IOException {
        var text = file("one.txt", lines("one", 4000));
        var documents = folder.resolve("one.jsonl");
        Files.write(documents, lines("one", 4000).stream().map("{\"text\": \"%s\"}"::formatted).toList());
        var jsonl = DataSpec.parse("jsonl:" + documents + "#text");
        for (var data : List.of(text, jsonl)) {
            for (int width : new int[]{64, 256}) {
                var widths = new TextRoles.Widths(32, width, 32);
                var roles = TextRoles.open(
                        new TextRoles.Settings(data, data, tokenizer, widths, 4, null, 0, 0, false));
                var verification = (TextWindows) roles.verification();
                assertThat(verification.total()).as(verification.name()).isBetween(8192L, 8192L + width);
                assertThat(verification.size()).isGreaterThanOrEqualTo(8192 / width);
                assertThat(roles.notes()).noneMatch(n -> n.contains("wanted"));
            }
        }
        var more = new TextRoles.Settings(text, text, tokenizer, new TextRoles.Widths(32, 64, 32), 150, null, 0, 0,
                false);
        assertThat(((TextWindows) TextRoles.open(more).verification()).total()).isEqualTo(2 * 150 * 32);
    }

    /// The first is the calibration data of the roles; windows of other samples are other tokens.
    @Test
    void samplesShareNoWindow() throws IOException {
        var data = file("one.txt", lines("one", 400)); // in 64 tokens stands the number of at least one line
        var settings = TextRoles.Settings.of(data, tokenizer, 64).withCounts(4, 6, 0);
        var samples = TextRoles.samples(settings, 5);
        var roles = TextRoles.open(settings);
        assertThat(samples.getFirst().digest()).isEqualTo(roles.calibration().digest());
        assertThat(samples).extracting(TextWindows::digest).doesNotHaveDuplicates();
        assertThat(samples).extracting(TextWindows::size).containsOnly(4);
        var windows = samples.stream()
                .flatMap(s -> IntStream.range(0, 4).mapToObj(i -> java.util.Arrays.toString(s.tokens(i))))
                .toList();
        assertThat(windows).hasSize(20).doesNotHaveDuplicates();
        for (var role : List.of(roles.verification(), roles.report())) {
            assertThat(IntStream.range(0, role.size())
                    .mapToObj(i -> java.util.Arrays.toString(((TextWindows) role).tokens(i))))
                    .doesNotContainAnyElementsOf(windows);
        }
        assertThatIOException().isThrownBy(() -> TextRoles.samples(settings, 1000)).withMessageContaining("one.txt")
                .withMessageContaining("1000 samples");
    }

    @Test
    void dataNamedApartAreReportedWhole() throws IOException {
        var test = lines("two", 30);
        var settings = settings(file("one.txt", lines("one", 80))).withTest(file("two.txt", test));
        var roles = TextRoles.open(settings.withCounts(4, 6, 2));
        assertThat(roles.calibration().size()).isEqualTo(4);
        assertThat(roles.verification().size()).isEqualTo(6);
        assertThat(roles.report().size()).isEqualTo(2);
        assertThat(test.getFirst()).startsWith(text(roles.report()).substring(0, 30));
        assertThat(roles.report().name()).startsWith("two.txt");
        var whole = TextRoles.open(settings.withCounts(10_000, 10_000, 0));
        assertThat(text(whole.verification())).startsWith(lines("one", 80).get(70));
    }

    @Test
    void samplesOfConsecutiveSeedsShareNoWindowAndSpreadOverTheText() {
        var seen = new HashSet<Integer>();
        for (int seed = 0; seed < 7; seed++) {
            int[] sample = Spread.sample(30, 4, seed);
            assertThat(sample).hasSize(4).isSorted();
            assertThat(IntStream.range(0, 4).allMatch(i -> sample[i] >= i * 30 / 4 && sample[i] < (i + 1) * 30 / 4))
                    .isTrue();
            assertThat(IntStream.of(sample).allMatch(seen::add)).isTrue();
        }
        assertThat(Spread.sample(30, 4, 7)).isEqualTo(Spread.sample(30, 4, 0));
        assertThat(Spread.sample(30, 4, Long.MIN_VALUE)).hasSize(4);
        assertThat(Spread.sample(3, 4, 1)).containsExactly(0, 1, 2);
        assertThat(Spread.sample(4, 4, 1)).containsExactly(0, 1, 2, 3);
    }

    @Test
    void anotherSeedMovesTheCalibrationAloneAndTheSameOneNothing() throws IOException {
        var settings = settings(file("one.txt", lines("one", 100)));
        var first = TextRoles.open(settings);
        var again = TextRoles.open(settings);
        var other = TextRoles.open(settings.withSeed(1));
        assertThat(text(again.calibration())).isEqualTo(text(first.calibration()));
        assertThat(text(other.calibration())).isNotEqualTo(text(first.calibration()));
        assertThat(text(other.verification())).isEqualTo(text(first.verification()));
        assertThat(text(other.report())).isEqualTo(text(first.report()));
    }

    @Test
    void textSharedWithTheReportIsRefusedUnlessAllowed() throws IOException {
        var shared = lines("one", 60);
        var settings = settings(file("one.txt", shared)).withTest(file("two.txt", shared.subList(10, 30)));
        assertThatExceptionOfType(OverlapException.class).isThrownBy(() -> TextRoles.open(settings))
                .withMessageContainingAll("two.txt", "--allow-overlap");
        var allowed = TextRoles.open(settings.withOverlapAllowed(true));
        assertThat(allowed.notes()).anyMatch(n -> n.contains("--allow-overlap"));
        assertThat(DataRoles.shared(allowed.calibration(), allowed.report())).isEqualTo(20);
    }

    @Test
    void aFewSharedLinesAreLeftOut() throws IOException {
        var data = lines("one", 300);
        var settings = settings(file("one.txt", data)).withTest(file("two.txt", data.subList(5, 7)));
        var roles = TextRoles.open(settings.withCounts(10_000, 10, 0));
        assertThat(text(roles.calibration())).contains(data.get(4), data.get(7)).doesNotContain(data.get(5));
        assertThat(roles.notes()).anyMatch(n -> n.contains("2 lines") && n.contains("left out"));
    }

    @Test
    void trainingTakesEveryWindowOfTheCalibrationPart() throws IOException {
        var settings = settings(file("one.txt", lines("one", 100)));
        var training = TextRoles.training(settings);
        assertThat(training.size()).isEqualTo(
                TextRoles.open(settings.withCounts(10_000, 0, 0)).calibration().size());
    }

    @Test
    void whatIsTooLittleOrNotTextIsRefused() throws IOException {
        var one = file("short.txt", List.of("only this one line, and nothing to cut it from, so no report"));
        assertThatIOException().isThrownBy(() -> TextRoles.open(settings(one))).withMessageContaining("short.txt");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TextRoles.open(settings(new DataSpec(DataSpec.Kind.GLYPHS, ""))))
                .withMessageContaining("is not text");
        assertThatIllegalArgumentException().isThrownBy(() -> settings(one).withCounts(0, 1, 1))
                .withMessageContaining("--samples");
    }

    @Test
    @EnabledIfEnvironmentVariable(named = "SGLP_TEST_DATA", matches = ".+")
    void wikiTextsValidationAndTestPartsShareNoTellingLine() throws IOException {
        var data = Path.of(System.getenv("SGLP_TEST_DATA"), "data", "wikitext-2");
        var settings = settings(DataSpec.parse("text:" + data.resolve("valid.txt")))
                .withTest(DataSpec.parse("text:" + data.resolve("test.txt")));
        var roles = TextRoles.open(settings.withOverlapAllowed(true));
        assertThat(roles.overlaps()).isEmpty();
        assertThat(roles.report().itemHashes()).hasSizeGreaterThan(1500);
    }

    /// One window of each text in turn, the same number of each; nothing that is reported on.
    @Test
    void aRepairIsFittedOnSeveralTextsInTurn() throws IOException {
        var data = file("one.txt", lines("one", 200));
        var other = file("two.txt", IntStream.range(0, 200)
                .mapToObj(i -> "zebra zebra %d zebra zebra zebra zebra zebra zebra".formatted(i)).toList());
        var plain = settings(data).withRepair(6);
        var roles = TextRoles.open(plain.withRepair(6, other));
        var fit = (TextWindows) roles.repair().fit();
        assertThat(fit.size()).isEqualTo(6);
        assertThat(fit.source()).contains("one.txt").contains("two.txt");
        var own = (TextWindows) TextRoles.open(plain.withRepair(3)).repair().fit();
        for (int i = 0; i < fit.size(); i += 2) {
            assertThat(fit.tokens(i)).as("window %d", i).isEqualTo(own.tokens(i / 2));
            assertThat(tokenizer.decode(fit.tokens(i + 1))).as("window %d", i + 1).contains("zebra");
        }
        assertThat(text(own)).doesNotContain("zebra");
        var shared = new ArrayList<>(lines("three", 20));
        shared.addAll(lines("one", 200).subList(170, 200));
        assertThatExceptionOfType(OverlapException.class)
                .isThrownBy(() -> TextRoles.open(plain.withRepair(6, file("three.txt", shared))))
                .withMessageContaining("--repair-data").withMessageContaining("three.txt");
    }

    /// The first texts have one window more where the number does not divide.
    @Test
    void aRepairIsFittedOnAsManyWindowsAsWereAskedFor() throws IOException {
        var plain = settings(file("one.txt", lines("one", 400)));
        var two = file("two.txt", lines("two", 400));
        var three = file("three.txt", lines("three", 400));
        assertThat(TextRoles.open(plain.withRepair(25, two)).repair().fit().size()).isEqualTo(25);
        assertThat(TextRoles.open(plain.withRepair(4, two, three)).repair().fit().size()).isEqualTo(4);
        assertThatIllegalArgumentException().isThrownBy(() -> plain.withRepair(2, two, three))
                .isInstanceOf(UsageException.class)
                .withMessage(
                        "--repair-samples 2: --data and 2 texts of --repair-data are 3, and each has a window at least");
    }

    @Test
    void aTextTooShortForARepairIsNamedWithItsFlag() throws IOException {
        var wide = new TextRoles.Settings(file("one.txt", lines("one", 4000)), file("four.txt", lines("four", 500)),
                tokenizer, new TextRoles.Widths(16, 256, 256), 4, 6, 0, 0, false);
        assertThatIOException()
                .isThrownBy(() -> TextRoles
                        .open(wide.withRepair(6, file("two.txt", lines("two", 2)))))
                .withMessageContaining("[two.txt]").withMessageContaining("tokens to repair with")
                .withMessageContaining("a window of 256. Lower --verify-window, or name a longer --repair-data");
    }
}
