package dev.sglp.evaluation;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/// What a network is worth and what it costs.
///
/// @param examples   number of examples it was measured on
/// @param right      how many of them were classified right
/// @param accuracy   top-1 accuracy, a fraction of 1
/// @param top5       top-5 accuracy, a fraction of 1
/// @param loss       mean cross-entropy in nats
/// @param fidelity   agreement with the dense network; absent for the dense network itself
/// @param parameters number of trainable scalars
/// @param macs       multiply-accumulate operations of one example (one MAC = one multiplication and one addition)
/// @param bytes      bytes of all its tensors
/// @param latency    milliseconds a forward pass takes; absent where it was not measured
/// @param peakRssBytes the most resident memory the process had so far
public record Evaluation(int examples, int right, double accuracy, double top5, double loss,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Fidelity fidelity, long parameters, long macs, long bytes,
        @JsonProperty("latency_ms") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Latency latency,
        @JsonProperty("peak_rss_bytes") long peakRssBytes) {

    public Evaluation with(Latency measured) {
        return new Evaluation(examples, right, accuracy, top5, loss, fidelity, parameters, macs, bytes, measured,
                peakRssBytes);
    }

    /// Agreement with the dense network on the same examples; no labels needed.
    ///
    /// @param klDivergence KL(dense ‖ this), mean over the examples, in nats
    /// @param top1Agreement fraction of examples with the same most likely class
    public record Fidelity(@JsonProperty("kl_divergence") double klDivergence,
            @JsonProperty("top1_agreement") double top1Agreement) {}

    /// Latency of a forward pass in milliseconds.
    public record Latency(@JsonProperty("batch_1") Timing batch1, @JsonProperty("batch_128") Timing batch128) {}

    /// @param median the median of the runs, milliseconds
    /// @param low    the 10th percentile
    /// @param high   the 90th percentile
    /// @param runs   how many were counted, after a warm-up
    public record Timing(double median, double low, double high, int runs) {}
}
