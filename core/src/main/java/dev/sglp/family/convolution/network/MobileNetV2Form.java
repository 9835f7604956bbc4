package dev.sglp.family.convolution.network;

import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.convolution.Blueprint;
import dev.sglp.family.convolution.ConvolutionForm;
import dev.sglp.family.convolution.StepSpec.Classifying;
import dev.sglp.family.convolution.StepSpec.Convolving;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// How torchvision speaks of MobileNetV2: rows `[t, c, n, s]` of n blocks that expand t-fold, give c channels, the first with
/// stride s.
record MobileNetV2Form() implements ConvolutionForm {
    private static final String SETTING = "inverted_residual_setting";
    /// Of torchvision's blocks.
    private static final List<Integer> STRIDES = List.of(1, 2, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1);
    private static final double STEM = 32;
    private static final double LAST = 1280;
    private static final List<Double> WIDTHS = List.of(1.0, 0.75, 0.5, 0.35, 0.25, 0.1, 1.3, 1.4);

    /// The stride of each block, which no tensor shows: by the configuration, or torchvision's own.
    static List<Integer> strides(ConfigFields config, int count) throws IOException {
        var said = said(config);
        if (said.isEmpty() && count == STRIDES.size()) {
            return STRIDES;
        }
        if (said.size() != count) {
            throw config.wrong(SETTING,
                    "torchvision's rows [t, c, n, s] of %d blocks, since tensors show no strides".formatted(count),
                    said.isEmpty() ? null : said.size() + " blocks");
        }
        return said;
    }

    private static List<Integer> said(ConfigFields config) throws IOException {
        var strides = new ArrayList<Integer>();
        for (var row : config.list(SETTING)) {
            if (!(row instanceof List<?> numbers) || numbers.size() != 4
                    || !(numbers.get(2) instanceof Integer n) || !(numbers.get(3) instanceof Integer s) || n < 1
                    || n > 1000 || s < 1 || s > 2) {
                throw config.wrong(SETTING, "rows of four numbers [t, c, n, s], n at least 1 and s 1 or 2", row);
            }
            for (int i = 0; i < n; i++) {
                strides.add(i == 0 ? s : 1);
            }
        }
        return strides;
    }

    private record Row(double expansion, long channels, int count, long stride) {
        Row and() {
            return new Row(expansion, channels, count + 1, stride);
        }

        /// @param width that channels are multiplied by
        List<Object> list(double width) {
            Object t = expansion == Math.rint(expansion) ? (Object) (long) expansion : expansion;
            return List.of(t, width == 1 ? (Object) channels : channels / width, count, stride);
        }
    }

    /// Rows that continue the one before them are one with it.
    @Override
    public Object canonical(String field, Object said) {
        var rows = new ArrayList<Row>();
        for (var item : (List<?>) said) {
            if (!(item instanceof List<?> row) || row.size() != 4 || !(row.get(0) instanceof Number t)
                    || !(row.get(1) instanceof Number c) || !(row.get(2) instanceof Number n)) {
                return said;
            }
            for (int i = 0; i < n.intValue(); i++) {
                add(rows, new Row(t.doubleValue(), c.longValue(), 1, i == 0 ? ((Number) row.get(3)).longValue() : 1));
            }
        }
        return rows.stream().map(row -> row.list(1)).toList();
    }

    private static List<Row> rows(Blueprint network) {
        var rows = new ArrayList<Row>();
        for (var block : network.blocks()) {
            var all = block.convolutions();
            var around = all.get(all.size() - 2);
            add(rows, new Row((double) around.in() / all.getFirst().in(), all.getLast().out(), 1,
                    around.sliding().stride()));
        }
        return rows;
    }

    private static void add(List<Row> rows, Row next) {
        boolean continues = !rows.isEmpty() && next.stride == 1 && rows.getLast().channels == next.channels
                && rows.getLast().expansion == next.expansion;
        rows.add(continues ? rows.removeLast().and() : next);
    }

    @Override
    public String title(Blueprint network) {
        int blocks = network.blocks().size();
        return blocks == STRIDES.size() ? "MobileNetV2, 17 blocks" : "MobileNetV2 of %d blocks".formatted(blocks);
    }

    @Override
    public SequencedMap<String, Object> fields(Blueprint network) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put(SETTING, rows(network).stream().map(row -> row.list(1)).toList());
        return fields;
    }

    /// torchvision multiplies all channels by one number and rounds them; rows that are divided by it come out as they are.
    private static boolean makes(Blueprint network, double width) {
        long stem = ((Convolving) network.stem().getFirst()).out();
        long last = ((Convolving) network.head().getFirst()).out();
        return divisible(STEM * width) == stem && divisible(LAST * Math.max(1, width)) == last
                && rows(network).stream().allMatch(row -> divisible(row.channels / width * width) == row.channels);
    }

    private static long divisible(double channels) {
        long rounded = Math.max(8, (long) (channels + 4) / 8 * 8);
        return rounded < 0.9 * channels ? rounded + 8 : rounded;
    }

    @Override
    public String python(Blueprint network) {
        var head = (Classifying) network.head().getLast();
        var width = WIDTHS.stream().filter(w -> makes(network, w)).findFirst();
        var rows = rows(network).stream().map(row -> row.list(width.orElse(1.0))).toList();
        return """
                from torchvision.models import MobileNetV2
                %smodel = MobileNetV2(num_classes=%d, width_mult=%s, inverted_residual_setting=%s)
                """.formatted(
                width.isPresent() ? "" : "# torchvision makes no stem and head of these widths; take your own class\n",
                head.out(), width.orElse(1.0), rows);
    }
}
