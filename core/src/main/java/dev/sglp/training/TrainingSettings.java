package dev.sglp.training;

/// How a network is trained.
///
/// @param epochs         passes over the training data
/// @param batchSize      examples a step
/// @param optimizer      how gradients become steps
/// @param schedule       how the learning rate runs
/// @param weightDecay    on matrices and convolutions, not on norms and biases
/// @param labelSmoothing share of the target spread over all classes
/// @param clip           largest Euclidean norm of all gradients together; 0 for none
/// @param augment        random crops (padding 4) and mirror images
/// @param seed           of the order, the crops and the mirrors
public record TrainingSettings(int epochs, int batchSize, Optimizer optimizer, Schedule schedule, double weightDecay,
        double labelSmoothing, double clip, boolean augment, long seed) {
    public TrainingSettings {
        require(epochs >= 1, "--epochs is at least 1, got " + epochs);
        require(batchSize >= 2,
                "--batch-size is at least 2 for training (batch norm needs several images), got " + batchSize);
        require(weightDecay >= 0, "--weight-decay is at least 0, got " + weightDecay);
        require(labelSmoothing >= 0 && labelSmoothing < 1,
                "--label-smoothing is from 0 to below 1, got " + labelSmoothing);
        require(clip >= 0, "--clip is at least 0, got " + clip);
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }

    /// SGD with Nesterov momentum, a cosine from `rate` to 0 after a short warm-up.
    public static TrainingSettings standard(int epochs, double rate) {
        return new TrainingSettings(epochs, 128, new Optimizer.Sgd(0.9, true), new Schedule.Cosine(rate, 100), 5e-4, 0,
                0, true, 0);
    }
}
