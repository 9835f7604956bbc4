package dev.sglp.family.decoder.llama;

import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.config.Windows;
import dev.sglp.family.decoder.Common;
import dev.sglp.family.decoder.DecoderFamily;
import dev.sglp.family.transformer.AttentionSpec;
import dev.sglp.family.transformer.BlockSpec;
import dev.sglp.family.transformer.NetworkSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// SmolLM3: Llama's block; in every fourth layer positions turn nothing, and those may see a window.
public final class SmolLM3 implements DecoderFamily {
    private static final String TURNED = "no_rope_layers"; // 1 where positions turn queries and keys
    private static final int INTERVAL = 4;

    @Override
    public String name() {
        return "smollm3";
    }

    @Override
    public String title() {
        return "SmolLM3";
    }

    @Override
    public String source() {
        return "Bakouch et al. 2025, huggingface.co/blog/smollm3";
    }

    @Override
    public boolean tiedByDefault() {
        return true;
    }

    @Override
    public NetworkSpec spec(ConfigFields config) throws IOException {
        var c = Common.of(config, Common.Defaults.of(1 << 15).keyValueHeads(4).tiedByDefault());
        config.harmless("max_window_layers"); // read by nobody
        boolean bias = config.flag("attention_bias", false);
        var attention = c.attention(bias, bias);
        var turned = attention.turnedBy(c.turning().base(2e6).rope());
        var mlp = c.gated(config.flag("mlp_bias", false), c.activation());
        var turns = turns(config, c.layers());
        int said = config.countOrNull("sliding_window", Windows.ALL);
        int window = config.flag("use_sliding_window", false) ? said : Windows.ALL;
        var windows = Windows.byTypes(config, c.layers(), window, i -> window != Windows.ALL && !turns.get(i));
        var layers = new ArrayList<BlockSpec>();
        for (int i = 0; i < c.layers(); i++) {
            layers.add(c.block((turns.get(i) ? turned : attention).seeing(windows.get(i)), mlp));
        }
        return c.network(layers);
    }

    /// For each layer whether positions turn queries and keys.
    private static List<Boolean> turns(ConfigFields config, int layers) throws IOException {
        int interval = config.count("no_rope_layer_interval", INTERVAL);
        var said = config.perLayer(TURNED, layers);
        if (said.isPresent() && !List.of("0", "1").containsAll(said.get())) {
            throw config.wrong(TURNED, "only 0 and 1", said.get());
        }
        return said.map(list -> list.stream().map("1"::equals).toList())
                .orElseGet(() -> IntStream.rangeClosed(1, layers).mapToObj(i -> i % interval != 0).toList());
    }

    @Override
    public Map<String, List<?>> implied(NetworkSpec spec, ConfigFields config) {
        var all = new LinkedHashMap<>(Windows.implied(spec.windows()));
        all.put(TURNED, spec.blocks().stream().flatMap(b -> b.attention().stream()).map(AttentionSpec::reach)
                .map(reach -> reach.rope().isPresent() ? 1 : 0).toList());
        return all;
    }
}
