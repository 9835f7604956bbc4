package dev.sglp.cli.adapter;

import dev.sglp.fault.UsageException;
import dev.sglp.output.AtomicFile;
import dev.sglp.report.Json;
import dev.sglp.surgery.NewCheckpoint;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;

/// What was learned in low rank, apart from the network it was learned on: a folder that `PeftModel.from_pretrained` of PEFT takes.
///
/// @param base  the network it belongs to, as PEFT is to find it
/// @param rank  `r`
/// @param alpha α
public record PeftAdapter(String base, int rank, double alpha) {
    private static final String FOLDER = "adapter";
    private static final String A = ".weight.lora_A";
    private static final String B = ".weight.lora_B";
    /// Under which names transformers' causal language models have their layers; others store them without this name.
    private static final List<String> ROOTS = List.of("model.", "transformer.", "gpt_neox.");
    private static final List<String> TRANSPOSED = List.of("c_attn", "c_proj", "c_fc"); // GPT-2's

    /// Writes it into `adapter/` of a network's folder.
    ///
    /// @param kept all that a training keeps; the factors are among it
    public void write(Path network, SequencedMap<String, Tensor> kept) throws IOException {
        var folder = network.resolve(FOLDER);
        Files.createDirectories(folder);
        try (var _ = Scope.open()) {
            var tensors = new LinkedHashMap<String, Tensor>();
            var modules = new LinkedHashMap<String, Boolean>(); // last names; whether they are stored transposed
            for (var name : kept.keySet()) {
                if (name.endsWith(A) && !name.startsWith("0.") && !name.startsWith("1.")) { // no moments
                    var module = name.substring(0, name.length() - A.length());
                    boolean transposed = transposed(module);
                    modules.put(module.substring(module.lastIndexOf('.') + 1), transposed);
                    put(tensors, module, kept.get(name), kept.get(module + B), transposed);
                }
            }
            NewCheckpoint.write(tensors, folder.resolve("adapter_model.safetensors"), Map.of("format", "pt"));
            AtomicFile.write(folder.resolve("adapter_config.json"),
                    Json.pretty(config(modules)).getBytes(StandardCharsets.UTF_8));
        }
    }

    private static boolean transposed(String module) {
        return module.startsWith("transformer.h.") && TRANSPOSED.stream().anyMatch(module::endsWith);
    }

    private static void put(Map<String, Tensor> tensors, String module, Tensor a, Tensor b, boolean transposed) {
        if (ROOTS.stream().noneMatch(module::startsWith)) {
            throw new UsageException(
                    "--adapter is for networks whose tensors are called as transformers' modules are (model.layers.…), got %s. Leave it out: the merged network is written"
                            .formatted(module));
        }
        var name = "base_model.model." + module;
        Autograd.recording(false, () -> {
            tensors.put(name + ".lora_A.weight", (transposed ? b.t() : a).contiguous());
            tensors.put(name + ".lora_B.weight", (transposed ? a.t() : b).contiguous());
            return name;
        });
    }

    private Map<String, Object> config(SequencedMap<String, Boolean> modules) {
        var config = new LinkedHashMap<String, Object>();
        config.put("peft_type", "LORA");
        config.put("task_type", "CAUSAL_LM");
        config.put("base_model_name_or_path", base);
        config.put("r", rank);
        config.put("lora_alpha", alpha);
        config.put("lora_dropout", 0.0);
        config.put("bias", "none");
        config.put("fan_in_fan_out", modules.containsValue(true));
        config.put("inference_mode", true);
        config.put("target_modules", List.copyOf(modules.sequencedKeySet()));
        return config;
    }
}
