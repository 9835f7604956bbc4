package dev.sglp.bench;

import dev.sglp.checkpoint.SafeTensorsWriter;
import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.data.DataSpec;
import dev.sglp.data.text.TextRoles;
import dev.sglp.data.text.TextWindows;
import dev.sglp.data.text.Tokenizers;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Windows of WikiText-2's validation split that both sides read.
final class SharedTokens {
    private SharedTokens() {}

    static TextWindows windows(Settings settings, Path directory, int length, int count) throws IOException {
        var text = settings.data().resolve("data/wikitext-2/valid.txt");
        return TextRoles.all(DataSpec.parse("text:" + text), Tokenizers.of(directory), length, count);
    }

    /// A safetensors file with `tokens`, `[B, T]`.
    static void write(Path file, TextWindows windows) throws IOException {
        var inputs = windows.batch(0, windows.size()).inputs();
        var info = new TensorInfo("tokens", DType.I64, Tensors.shape(inputs));
        SafeTensorsWriter.write(file, List.of(info), Map.of(),
                _ -> Tensors.bytes(inputs, DType.I64, Arena.ofAuto()));
    }
}
