package dev.sglp.family.config;

import dev.sglp.model.transformer.mixer.Activation;
import java.io.IOException;
import java.util.Map;

/// The names that configurations give to what bends a perceptron.
public final class Activations {
    private static final Map<String, Activation> NAMES = Map.ofEntries(Map.entry("silu", Activation.SILU),
            Map.entry("swish", Activation.SILU), Map.entry("gelu", Activation.GELU),
            Map.entry("gelu_python", Activation.GELU), Map.entry("gelu_new", Activation.GELU_TANH),
            Map.entry("gelu_fast", Activation.GELU_TANH), Map.entry("gelu_pytorch_tanh", Activation.GELU_TANH),
            Map.entry("quick_gelu", Activation.QUICK_GELU), Map.entry("relu", Activation.RELU),
            Map.entry("relu2", Activation.RELU_SQUARED));

    private Activations() {}

    /// @param otherwise its name where the field is absent
    /// @throws IOException where the name is not known
    public static Activation of(ConfigFields config, String field, String otherwise) throws IOException {
        var value = config.value(field).orElse(otherwise);
        if (!(value instanceof String name) || !NAMES.containsKey(name)) {
            throw config.wrong(field, "one of " + NAMES.keySet().stream().sorted().toList(), value);
        }
        return NAMES.get(name);
    }
}
