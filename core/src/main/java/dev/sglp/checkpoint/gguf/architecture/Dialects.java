package dev.sglp.checkpoint.gguf.architecture;

import dev.sglp.checkpoint.gguf.dialect.Dialect;
import dev.sglp.checkpoint.gguf.GgufHeader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/// The architectures that are read.
final class Dialects {
    private static final List<Dialect> ALL = List.of(LlamaKin.llama(), LlamaKin.qwen2(), LlamaKin.qwen3(),
            LlamaKin.smollm3(), LlamaKin.granite(), LlamaKin.stablelm(), OlmoKin.olmo(), OlmoKin.olmo2(),
            GemmaKin.gemma(), GemmaKin.gemma2(), GemmaKin.gemma3(), PhiKin.phi2(), PhiKin.phi3(),
            CohereKin.commandR(), CohereKin.cohere2(), GptKin.gpt2(), GptKin.gptNeoX(), GptKin.falcon(),
            GptKin.starcoder2(), ExpertsKin.qwen2(), ExpertsKin.qwen3());

    private Dialects() {}

    /// @throws IOException where it is none that is read
    static Dialect of(Path path, GgufHeader header) throws IOException {
        var code = header.values().get("general.architecture");
        if ("llama".equals(code) && header.values().get("llama.expert_count") instanceof Long experts && experts > 0) {
            return ExpertsKin.mixtral(); // Mistral's models call themselves so, with experts and without
        }
        if ("falcon".equals(code) && header.tensors().containsKey("blk.0." + GptKin.SECOND_NORM + ".weight")) {
            return GptKin.falconOfTwoNorms();
        }
        return ALL.stream().filter(d -> d.code().equals(code)).findFirst()
                .orElseThrow(() -> new IOException("[%s] is of the architecture '%s', which is not read. Known: %s"
                        .formatted(path, code, ALL.stream().map(Dialect::code).collect(Collectors.joining(", ")))));
    }
}
