package dev.sglp.family;

import dev.sglp.checkpoint.Checkpoint;
import dev.sglp.family.convolution.network.residual.CifarResNet;
import dev.sglp.family.convolution.network.residual.PreActResNet;
import dev.sglp.family.convolution.network.TimmConvNeXt;
import dev.sglp.family.convolution.network.TorchvisionConvNeXt;
import dev.sglp.family.convolution.network.TorchvisionMobileNetV2;
import dev.sglp.family.convolution.network.residual.TorchvisionResNet;
import dev.sglp.family.convolution.network.Vgg;
import dev.sglp.family.decoder.cohere.Cohere2;
import dev.sglp.family.decoder.cohere.Cohere;
import dev.sglp.family.decoder.experts.Mixtral;
import dev.sglp.family.decoder.experts.Qwen2Moe;
import dev.sglp.family.decoder.experts.Qwen3Moe;
import dev.sglp.family.decoder.gemma.Gemma2;
import dev.sglp.family.decoder.gemma.Gemma3;
import dev.sglp.family.decoder.gemma.Gemma;
import dev.sglp.family.decoder.gpt.Falcon;
import dev.sglp.family.decoder.gpt.Gpt2;
import dev.sglp.family.decoder.gpt.GptNeoX;
import dev.sglp.family.decoder.gpt.Opt;
import dev.sglp.family.decoder.gpt.Starcoder2;
import dev.sglp.family.decoder.llama.Granite;
import dev.sglp.family.decoder.llama.Llama;
import dev.sglp.family.decoder.llama.Mistral;
import dev.sglp.family.decoder.llama.Qwen2;
import dev.sglp.family.decoder.llama.Qwen3;
import dev.sglp.family.decoder.llama.SmolLM3;
import dev.sglp.family.decoder.llama.StableLm;
import dev.sglp.family.decoder.olmo.Olmo2;
import dev.sglp.family.decoder.olmo.Olmo;
import dev.sglp.family.decoder.phi.Phi3;
import dev.sglp.family.decoder.phi.Phi;
import dev.sglp.family.encoder.Bert;
import dev.sglp.family.encoder.DistilBert;
import dev.sglp.family.encoder.ModernBert;
import dev.sglp.family.encoder.Roberta;
import dev.sglp.family.vision.timm.TimmVit;
import dev.sglp.family.vision.torchvision.TorchvisionVit;
import dev.sglp.family.vision.transformers.Clip;
import dev.sglp.family.vision.transformers.Deit;
import dev.sglp.family.vision.transformers.Dinov2;
import dev.sglp.family.vision.transformers.Siglip;
import dev.sglp.family.vision.transformers.Vit;
import dev.sglp.fault.Near;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// The families, in the order they are asked.
public final class Families {
    private static final List<Family> ALL = List.of(new PreActResNet(), new CifarResNet(),
            new TorchvisionResNet(), new TorchvisionMobileNetV2(), new Vgg(), new TorchvisionConvNeXt(),
            new TimmConvNeXt(), new Llama(), new Mistral(), new Qwen2(),
            new Qwen3(), new Gemma(), new Gemma2(), new Gemma3(), new Phi(), new Phi3(), new SmolLM3(), new Olmo(),
            new Olmo2(), new Granite(), new StableLm(), new Cohere(), new Cohere2(), new Gpt2(), new GptNeoX(),
            new Opt(), new Falcon(), new Starcoder2(), new Mixtral(), new Qwen2Moe(), new Qwen3Moe(), new Bert(),
            Roberta.ENGLISH, Roberta.MULTILINGUAL, new DistilBert(), new ModernBert(), new Vit(), new Deit(),
            new Dinov2(false), new Dinov2(true), new Clip(), new Siglip(), new TimmVit(), new TorchvisionVit());

    private static final int NEAREST = 2;
    private static final int LINE = 100;

    private Families() {}

    public static List<Family> all() {
        return ALL;
    }

    /// The architecture of a checkpoint.
    ///
    /// @param config the `config.json` beside it; empty where there is none
    /// @throws IOException where no family knows it: names the families and the first tensors found
    public static Architecture of(Checkpoint checkpoint, Map<String, Object> config) throws IOException {
        for (var family : ALL) {
            var found = family.detect(checkpoint.path().toString(), checkpoint.tensors(), config);
            if (found.isPresent()) {
                return found.get().input() instanceof Architecture.Input.Image
                        ? found.get().preparedBy(checkpoint.document(Architecture.PREPARATION))
                        : found.get();
            }
        }
        var names = checkpoint.tensors().keySet().stream().limit(4).collect(Collectors.joining(", "));
        var type = config.get("model_type") instanceof String text ? " of model_type '" + text + "'" : "";
        if (type.isEmpty() && checkpoint.tensors().containsKey("model.embed_tokens.weight")) {
            throw new IOException(
                    "[%s] holds a language model's tensors, but no config.json with a model_type beside them says which. Give the directory that has both"
                            .formatted(checkpoint.path()));
        }
        throw new IOException("[%s]%s is not a network of a known family. It holds %d tensors: %s%s%s".formatted(
                checkpoint.path(), type, checkpoint.tensors().size(), names,
                checkpoint.tensors().size() > 4 ? ", …" : "",
                known(config.get("model_type") instanceof String text ? text : "")));
    }

    /// Those near to a `model_type`, or where there are none all of them, on lines of their own.
    private static String known(String type) {
        var names = ALL.stream().map(Family::name).toList();
        var near = type.isEmpty() ? List.<String>of() : Near.of(type, names, NEAREST);
        if (!near.isEmpty()) {
            return "; nearest that is known: " + String.join(", ", near);
        }
        var lines = new StringBuilder("\nKnown are:");
        int width = LINE;
        for (var name : names) {
            boolean fits = width + name.length() + 2 <= LINE;
            lines.append(fits ? ", " : lines.charAt(lines.length() - 1) == ':' ? "\n  " : ",\n  ").append(name);
            width = (fits ? width + 2 : 2) + name.length();
        }
        return lines.toString();
    }
}
