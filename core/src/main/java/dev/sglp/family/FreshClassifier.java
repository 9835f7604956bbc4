package dev.sglp.family;

import dev.sglp.checkpoint.Weights;
import dev.sglp.family.config.ClassNames;
import dev.sglp.fault.Article;
import dev.sglp.fault.UsageException;
import dev.sglp.model.LayerSet;
import dev.sglp.model.Objective.Answer;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// A network's last linear maps, drawn anew for other classes; everything else stays as it is.
public final class FreshClassifier {
    private static final Set<String> COUNTS = Set.of("classes", "num_classes", "num_labels");
    private static final Set<String> NAMES = Set.of("class_names", "label_names");
    private static final String BIAS = ".bias";
    private static final Pattern NUMBER = Pattern.compile("\\.\\d+\\.");

    private FreshClassifier() {}

    /// @throws UsageException where the network tells no classes apart
    public static void check(Architecture network) {
        if (network.answer() != Answer.CLASS) {
            throw new UsageException("reset-classifier is for networks that tell classes apart, and %s does not"
                    .formatted(Article.of(network.description())));
        }
    }

    /// All tensors by name, in the current scope; the maps to the classes as PyTorch's `nn.Linear` spreads them, biases zero.
    ///
    /// @param weights of the network, which stay as they are
    public static SequencedMap<String, Tensor> of(Architecture network, Weights weights, int classes, Seed seed) {
        var all = new LinkedHashMap<String, Tensor>(weights.all());
        for (var name : maps(network, weights)) {
            var old = weights.get(name);
            long[] shape = old.shape();
            long inputs = old.numel() / shape[0];
            shape[0] = classes;
            var fresh = seed.normal(name, 1 / Math.sqrt(3.0 * inputs), shape).to(old.scalar_type());
            all.put(name, fresh);
            var bias = name.substring(0, name.lastIndexOf('.')) + BIAS;
            if (all.containsKey(bias)) {
                all.put(bias, torch.zeros_like(fresh.reshape(classes, -1).select(1, 0)).contiguous());
            }
        }
        return all;
    }

    /// Those matrices of the head that have a row for each class; of several in a row the last.
    private static Collection<String> maps(Architecture network, Weights weights) {
        var head = new HashMap<Long, Tensor>();
        network.build(weights).head().parameters().values().forEach(t -> head.put(Tensors.identity(t), t));
        var last = new LinkedHashMap<String, String>(); // by the name without its number
        weights.all().forEach((name, tensor) -> {
            if (head.containsKey(Tensors.identity(tensor)) && tensor.dim() > 1
                    && tensor.size(0) == network.classes()) {
                last.put(NUMBER.matcher(name).replaceAll("."), name);
            }
        });
        if (last.isEmpty()) {
            throw new UsageException("no matrix of the head of a %s has a row for each of its %d classes"
                    .formatted(network.description(), network.classes()));
        }
        return last.values();
    }

    /// What its `config.json` says.
    public static SequencedMap<String, Object> config(Architecture network, List<String> classes) {
        var config = told(network.config(LayerSet.EMPTY, classes), classes);
        if (network.directory()) {
            config.putAll(ClassNames.fields(classes));
        }
        return config;
    }

    /// timm says it in maps inside the map as well.
    private static SequencedMap<String, Object> told(Map<?, ?> config, List<String> classes) {
        var all = new LinkedHashMap<String, Object>();
        config.forEach((name, value) -> {
            var key = String.valueOf(name);
            all.put(key, COUNTS.contains(key)
                    ? Integer.valueOf(classes.size())
                    : NAMES.contains(key) ? classes : value instanceof Map<?, ?> inner ? told(inner, classes) : value);
        });
        return all;
    }
}
