package dev.sglp.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.sglp.data.Batch;
import dev.sglp.data.DataSpec;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Windows of tokens: their borders, targets, padding, and what cannot be read.
final class TextWindowsTest {
    @TempDir
    Path folder;
    private Tokenizer tokenizer;

    @BeforeEach
    void open() throws IOException {
        tokenizer = Tokenizers.of(TokenizerFixture.metadata("gpt-2"));
    }

    private DataSpec text(String content) throws IOException {
        var file = folder.resolve("some.txt");
        Files.writeString(file, content);
        return new DataSpec(DataSpec.Kind.TEXT, file.toString());
    }

    private DataSpec json(String... lines) throws IOException {
        var file = folder.resolve("some.jsonl");
        Files.writeString(file, String.join("\n", lines));
        return new DataSpec(DataSpec.Kind.JSONL, file + "#body");
    }

    private static int[] ints(Tensor tensor) {
        return Arrays.stream(Tensors.toDoubles(tensor)).mapToInt(d -> (int) d).toArray();
    }

    @Test
    void aTextIsTokenisedWholeAndCutFromItsStart() throws IOException {
        var content = "In 1984 there were\n\n  12345 naïve cafés.\nAnd 3 more lines, don't you know?\n";
        int[] whole = tokenizer.encode(content);
        var windows = TextRoles.all(text(content), tokenizer, 7, 0);
        assertThat(windows.size()).isEqualTo(whole.length / 7);
        assertThat(windows.leftOut()).isEqualTo(whole.length % 7).isPositive();
        int[] joined = IntStream.range(0, windows.size()).mapToObj(windows::tokens).flatMapToInt(IntStream::of)
                .toArray();
        assertThat(joined).isEqualTo(Arrays.copyOf(whole, joined.length));
        assertThat(windows.name()).isEqualTo(
                "some.txt, %d windows of 7 tokens, no BOS".formatted(windows.size()));
    }

    @Test
    void aByteOrderMarkIsNoPartOfAText() throws IOException {
        var content = "In 1984 there were\n12345 cafés.\n";
        var plain = TextRoles.all(text(content), tokenizer, 3, 0);
        var marked = TextRoles.all(text("\uFEFF" + content), tokenizer, 3, 0);
        assertThat(marked.size()).isEqualTo(plain.size());
        assertThat(IntStream.range(0, plain.size()).mapToObj(marked::tokens))
                .containsExactlyElementsOf(IntStream.range(0, plain.size()).mapToObj(plain::tokens).toList());
        assertThat(TextRoles.all(json("\uFEFF{\"body\": \"a b c d\"}"), tokenizer, 2, 0).size()).isPositive();
        var only = text("\uFEFF");
        assertThatIOException().isThrownBy(() -> TextRoles.all(only, tokenizer, 3, 0))
                .withMessageContaining("is empty");
        var inside = text("fine\n\uFEFFa \uFEFF word b c d e f");
        assertThat(tokenizer.decode(TextRoles.all(inside, tokenizer, 8, 0).tokens(0))).contains("\uFEFF");
    }

    @Test
    void targetsAreTheNextTokensAndTheLastPositionHasNone() throws IOException {
        var windows = TextRoles.all(text("a b c d e f g h i"), tokenizer, 4, 0);
        try (var _ = Scope.open()) {
            var batch = windows.batch(0, 2);
            assertThat(batch.inputs().shape()).containsExactly(2, 4);
            int[] inputs = ints(batch.inputs());
            assertThat(inputs).startsWith(windows.tokens(0)).endsWith(windows.tokens(1));
            assertThat(ints(batch.targets())).containsExactly(inputs[1], inputs[2], inputs[3], Batch.NO_TARGET,
                    inputs[5], inputs[6], inputs[7], Batch.NO_TARGET);
            assertThat(batch.padding()).isEmpty();
            assertThat(windows.predicted()).isEqualTo(3L * windows.size());
            assertThat(ints(windows.pick(1, 0, 1).inputs())).startsWith(windows.tokens(1))
                    .endsWith(windows.tokens(1));
        }
    }

    @Test
    void theFirstWindowsAreThoseOfTheWholeText() throws IOException {
        var spec = text("one two three four five six seven eight nine ten eleven twelve");
        var all = TextRoles.all(spec, tokenizer, 3, 0);
        var first = TextRoles.all(spec, tokenizer, 3, 2);
        assertThat(first.size()).isEqualTo(2);
        assertThat(first.tokens(1)).isEqualTo(all.tokens(1));
        assertThat(first.name()).contains("2 of %d windows of 3".formatted(all.size()));
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> first.tokens(2));
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> first.batch(1, 3));
    }

    @Test
    void aBosTakesTheFirstPlaceOfEachWindow() throws IOException {
        var values = TokenizerFixture.metadata("gpt-2");
        values.put("tokenizer.ggml.add_bos_token", true);
        var withBos = Tokenizers.of(values);
        var spec = text("a b c d e f g h i");
        var plain = TextRoles.all(spec, tokenizer, 3, 0);
        var windows = TextRoles.all(spec, withBos, 4, 0);
        assertThat(windows.size()).isEqualTo(plain.size());
        assertThat(windows.tokens(1)).startsWith(0).endsWith(plain.tokens(1)).hasSize(4);
        assertThat(windows.predicted()).isEqualTo(3L * windows.size());
        assertThat(windows.name()).contains("a BOS at the start of each");
    }

    @Test
    void aDocumentIsCutAloneAndItsLastWindowPadded() throws IOException {
        var windows = TextRoles.all(
                json("{\"body\": \"a b c d e\"}", "", "{\"body\": \"x\"}", "{\"body\": \"!?\", \"id\": 3}"), tokenizer,
                3, 0);
        int[] first = tokenizer.encode("a b c d e");
        assertThat(windows.tokens(0)).isEqualTo(Arrays.copyOf(first, 3));
        assertThat(windows.leftOut()).as("'x' predicts nothing").isPositive();
        int last = windows.size() - 1;
        assertThat(windows.tokens(last)).isEqualTo(tokenizer.encode("!?")).hasSize(2);
        try (var _ = Scope.open()) {
            var batch = windows.pick(0, last);
            assertThat(batch.inputs().shape()).containsExactly(2, 3);
            assertThat(ints(batch.padding().orElseThrow())).containsExactly(0, 0, 0, 0, 0, 1);
            assertThat(ints(batch.targets())).endsWith(tokenizer.encode("!?")[1], Batch.NO_TARGET, Batch.NO_TARGET);
            assertThat(windows.batch(last, last + 1).padding()).as("as wide as its longest").isEmpty();
        }
    }

    @Test
    void textThatIsNotUtf8IsRefusedWithItsLine() throws IOException {
        var file = folder.resolve("latin.txt");
        Files.write(file, new byte[]{'a', '\n', 'b', '\n', 'c', (byte) 0xE9, '\n'});
        refused(new DataSpec(DataSpec.Kind.TEXT, file.toString()), "latin.txt", "line 3", "0xE9");
        Files.write(file, new byte[]{'a', '\n', (byte) 0xE2, (byte) 0x82});
        refused(new DataSpec(DataSpec.Kind.TEXT, file.toString()), "latin.txt", "line 2");
    }

    @Test
    void anEmptyOrShortTextIsRefused() throws IOException {
        refused(text(""), "some.txt", "empty");
        refused(text("a"), "some.txt", "--window");
        refused(json(" "), "some.jsonl", "no line with a document");
        refused(new DataSpec(DataSpec.Kind.TEXT, folder.resolve("none.txt").toString()), "none.txt");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"{\"body\": \"a\"|not JSON", "[1]|JSON object", "{\"text\": \"a\"}|text",
            "{\"body\": 7}|a string", "{\"body\": \"a\\ud800b\"}|surrogate", "{\"body\": \"a\"} {}|not JSON",
            "nul|not JSON"})
    void aBrokenJsonLineIsRefusedWithItsNumber(String line, String message) throws IOException {
        refused(json("{\"body\": \"a b c d\"}", "", line), "some.jsonl", "line 3", message);
    }

    private void refused(DataSpec spec, String... messages) {
        assertThatIOException().isThrownBy(() -> TextRoles.all(spec, tokenizer, 3, 0))
                .satisfies(e -> assertThat(e.toString()).contains(messages));
    }

    @Test
    void aLongFileIsCutAtALineEndAndAHugeLineRefused() throws IOException {
        var file = folder.resolve("long.txt");
        Files.writeString(file, "first line\nsecond line\nthird");
        var read = Utf8.read(file, 24);
        assertThat(read.text()).isEqualTo("first line\nsecond line\n");
        assertThat(read.cut()).isTrue();
        assertThat(read.notes()).singleElement().asString().startsWith("long.txt: only its first");
        assertThat(Utf8.read(file, 28).cut()).isFalse();
        assertThat(Utf8.read(file, 28).notes()).isEmpty();
        assertThatIOException().isThrownBy(() -> Utf8.read(file, 8)).withMessageContaining("first line of more than");
    }

    @Test
    void whereLinesAreShortSomeTogetherTellTheText() {
        var verse = List.of("Tyger Tyger, burning bright,\n", "In the forests of the night;\n", "\n",
                "What immortal hand or eye,\n", "Could frame thy fearful symmetry?\n", "In what distant deeps\n");
        var passage = new Passage("p", verse, false);
        assertThat(passage.hashes()).hasSize(2);
        assertThat(passage.without(java.util.Set.of(passage.hashes().getLast())).lines())
                .containsExactly(verse.get(0), verse.get(1), verse.get(5));
        assertThat(new Passage("q", verse.subList(0, 4), false).hashes())
                .containsExactly(passage.hashes().getFirst());
    }

    @Test
    void aMeanOverBatchesCountsTokensNotWindows() throws IOException {
        var windows = TextRoles.all(json("{\"body\": \"one two three four five six\"}", "{\"body\": \"one 2\"}"),
                tokenizer, 100, 0);
        var calibration = new dev.sglp.importance.ScoringTask.Calibration(windows, 1, 0);
        double sum = 0;
        for (int b = 0; b < calibration.batches(); b++) {
            assertThat(calibration.share(b)).isEqualTo(windows.answers(b, b + 1) / (double) windows.predicted());
            sum += calibration.share(b);
        }
        assertThat(sum).isCloseTo(1, org.assertj.core.api.Assertions.within(1e-12));
        assertThat(windows.answers(0, 1)).isNotEqualTo(windows.answers(1, 2));
    }

    @Test
    void shortLinesDoNotTellATextAndLongOnesDo() {
        var heading = " = = Critical reception = = \n";
        var sentence = "The quick brown fox jumps over the lazy dog.";
        var passage = new Passage("p", List.of(heading, sentence + " \n", "\n", sentence), false);
        assertThat(passage.hashes()).hasSize(1);
        assertThat(passage.without(java.util.Set.copyOf(passage.hashes())).lines()).containsExactly(heading, "\n");
    }
}
