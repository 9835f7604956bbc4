package dev.sglp.evaluation;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sglp.evaluation.embedding.Agreement;
import dev.sglp.evaluation.latency.MedianInterval;
import org.jspecify.annotations.Nullable;

/// What a network is worth and what it costs.
///
/// @param examples   number of examples it was measured on
/// @param right      how many of them were classified right
/// @param accuracy   top-1 accuracy, a fraction of 1; NaN where answers are neither right nor wrong
/// @param top5       top-5 accuracy, a fraction of 1; NaN as the accuracy
/// @param loss       mean cross-entropy in nats; of embeddings one minus their agreement
/// @param perplexity `exp(loss)` over the predicted tokens; absent where no text was predicted
/// @param interval   between which values the perplexity lies; absent where no text was predicted, or too little
/// @param agreement  of embeddings with the dense network's; absent where none were made
/// @param fidelity   agreement with the dense network; absent for the dense network itself
/// @param parameters number of trainable scalars
/// @param macs       multiply-accumulate operations of one example (one MAC = one multiplication and one addition)
/// @param bytes      of its weight files; of all its tensors where it has none
/// @param cacheBytesPerToken bytes of key-value cache for each token of context; absent where nothing is cached
/// @param latency    milliseconds a forward pass takes; absent where it was not measured
/// @param peakRssBytes the most resident memory the process had so far
public record Evaluation(int examples, int right, double accuracy, double top5, double loss,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Double perplexity,
        @JsonProperty("perplexity_interval") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable PerplexityInterval interval,
        @JsonProperty("embedding_agreement") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Agreement agreement,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Fidelity fidelity, long parameters, long macs, long bytes,
        @JsonProperty("kv_bytes_per_token") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Long cacheBytesPerToken,
        @JsonProperty("latency_ms") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Latency latency,
        @JsonProperty("peak_rss_bytes") long peakRssBytes) {

    /// Without an interval, of no embeddings.
    public Evaluation(int examples, int right, double accuracy, double top5, double loss, @Nullable Double perplexity,
            @Nullable Fidelity fidelity, long parameters, long macs, long bytes, @Nullable Long cacheBytesPerToken,
            @Nullable Latency latency, long peakRssBytes) {
        this(examples, right, accuracy, top5, loss, perplexity, null, null, fidelity, parameters, macs, bytes,
                cacheBytesPerToken, latency, peakRssBytes);
    }

    /// The same of a network whose weight files have so many bytes.
    public Evaluation stored(long size) {
        return new Evaluation(examples, right, accuracy, top5, loss, perplexity, interval, agreement, fidelity,
                parameters,
                macs, size,
                cacheBytesPerToken, latency, peakRssBytes);
    }

    public Evaluation with(Latency measured) {
        return new Evaluation(examples, right, accuracy, top5, loss, perplexity, interval, agreement, fidelity,
                parameters,
                macs, bytes, cacheBytesPerToken, measured,
                peakRssBytes);
    }

    /// Agreement with the dense network on the same examples; no labels needed.
    ///
    /// @param klDivergence KL(dense ‖ this), mean over the examples, in nats
    /// @param top1Agreement fraction of examples with the same most likely class
    public record Fidelity(@JsonProperty("kl_divergence") double klDivergence,
            @JsonProperty("top1_agreement") double top1Agreement) {}

    /// Latency of a forward pass in milliseconds.
    ///
    /// @param batch1          one image on one thread; of text: one window, up to the next token after it (prefill)
    /// @param batch128        128 images; absent for text
    /// @param tokens          of the window that was timed; absent for images
    /// @param window          tokens of the longest window of the data, where a part of it was timed for want of time
    /// @param tokensPerSecond of prefill; absent for images
    /// @param writtenPerSecond tokens of one text that are written one after the other; absent where it was not measured
    public record Latency(@JsonProperty("batch_1") Timing batch1,
            @JsonProperty("batch_128") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Timing batch128,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Long tokens,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Long window,
            @JsonProperty("tokens_per_second") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Double tokensPerSecond,
            @JsonProperty("written_tokens_per_second") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Double writtenPerSecond) {
        /// Of an image network.
        public Latency(Timing batch1, Timing batch128) {
            this(batch1, batch128, null, null, null, null);
        }

        /// Of a language model.
        ///
        /// @param tokens of the window that was timed
        /// @param window tokens of the longest one
        public static Latency prefill(Timing timing, long tokens, long window) {
            return new Latency(timing, null, tokens, tokens == window ? null : window, 1000 * tokens / timing.median,
                    null);
        }

        /// With how many tokens a second are written.
        public Latency writing(double perSecond) {
            return new Latency(batch1, batch128, tokens, window, tokensPerSecond, perSecond);
        }
    }

    /// @param median       the median of the runs, milliseconds
    /// @param low          the 10th percentile
    /// @param high         the 90th percentile
    /// @param runs         how many were counted, after a warm-up
    /// @param againstDense how it compares with the dense network, run in turn with it; absent where it was timed alone
    public record Timing(double median, double low, double high, int runs,
            @JsonProperty("against_dense") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Ratio againstDense) {
        /// Of a network that is not compared.
        public Timing(double median, double low, double high, int runs) {
            this(median, low, high, runs, null);
        }
    }

    /// How many times as fast a network is as the dense one: the median over pairs of runs that followed each other.
    ///
    /// @param timesAsFast        the median; NaN where no difference was measured
    /// @param low                lower end of its interval; NaN where there were too few pairs
    /// @param high               upper end
    /// @param confidence         of the interval, at least 0.95; 0 where there were too few pairs
    /// @param pairs              how many
    /// @param differenceMeasured whether the interval leaves out 1
    public record Ratio(@JsonProperty("times_as_fast") double timesAsFast, double low, double high, double confidence,
            int pairs, @JsonProperty("difference_measured") boolean differenceMeasured) {
        public static Ratio of(MedianInterval found) {
            boolean measured = !found.contains(1);
            return new Ratio(measured ? found.median() : Double.NaN, found.low(), found.high(), found.confidence(),
                    found.count(), measured);
        }
    }
}
