package dev.sglp.evaluation;

import dev.sglp.data.Dataset;
import dev.sglp.evaluation.Evaluation.Fidelity;
import dev.sglp.evaluation.embedding.Embeddings;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.progress.Progress;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Measures quality and cost of a network on one data set; forward passes are timed by {@link Latencies}.
///
/// @param data      the report data
/// @param batchSize examples a forward pass
public record Evaluator(Dataset data, int batchSize) {

    /// What the network says of the data; the caller closes it.
    public Readout predict(LayeredModel model, Progress progress) {
        return switch (model.objective().answer()) {
            case NEXT_TOKEN, MASKED_TOKEN -> TokenPredictions.of(model, data, progress);
            case CLASS -> Predictions.of(model, data, batchSize, progress);
            case EMBEDDING -> Embeddings.of(model, data, progress);
        };
    }

    /// Quality and cost of a network that is not compared with another: of a text of any length.
    public Evaluation measure(LayeredModel model, Progress progress) {
        try (var found = model.objective().answer().token()
                ? TokenPredictions.sums(model, data, progress)
                : predict(model, progress)) {
            return evaluate(model, found);
        }
    }

    /// Quality and cost of the dense network.
    public Evaluation evaluate(LayeredModel model, Readout predictions) {
        return evaluation(model, predictions, null);
    }

    /// Quality, cost and agreement with the dense network, of which this is what it says of the data.
    public Evaluation compare(LayeredModel model, Readout dense, Progress progress) {
        return compare(List.of(model), dense, progress).getFirst();
    }

    /// The same of a network without each of these sets of layers, in their order.
    public List<Evaluation> compare(LayeredModel model, List<LayerSet> absent, Readout dense, Progress progress) {
        var order = LayerSet.sharing(absent); // neighbours share work
        var found = compare(order.stream().map(i -> model.without(absent.get(i))).toList(), dense, progress);
        return IntStream.range(0, absent.size()).mapToObj(i -> found.get(order.indexOf(i))).toList();
    }

    /// The same of several networks with one head, in their order. Of language models those that stand side by side share the beginning
    /// that they have in common.
    public List<Evaluation> compare(List<LayeredModel> networks, Readout dense, Progress progress) {
        return switch (dense) {
            case TokenPredictions known -> {
                var sums = new TokenComparison(known, networks).over(data, progress);
                yield IntStream.range(0, networks.size()).mapToObj(
                        i -> evaluation(networks.get(i), sums.get(i), sums.get(i).fidelity())).toList();
            }
            case Predictions known -> networks.stream().map(network -> compared(network, known, progress)).toList();
            case Embeddings known -> networks.stream().map(
                    network -> evaluation(network, Embeddings.of(network, data, progress).against(known), null))
                    .toList();
            default -> throw new IllegalArgumentException("the dense network's answers were not kept");
        };
    }

    private Evaluation compared(LayeredModel model, Predictions dense, Progress progress) {
        try (var own = Predictions.of(model, data, batchSize, progress)) {
            return evaluation(model, own, own.fidelityTo(dense));
        }
    }

    private Evaluation evaluation(LayeredModel model, Readout p, @Nullable Fidelity fidelity) {
        int right = p.right(1);
        double n = p.agreement().isEmpty() ? p.size() : Double.NaN; // embeddings are neither right nor wrong
        return new Evaluation(p.size(), right, right / n, p.right(5) / n, p.loss(), p.perplexity().orElse(null),
                p.interval().orElse(null), p.agreement().orElse(null),
                fidelity, model.parameterCount(), model.macs(), model.bytes(),
                model.cacheBytesPerToken() == 0 ? null : model.cacheBytesPerToken(), null, Memory.peakResidentBytes());
    }
}
