package dev.sglp.data.task;

import dev.sglp.data.DataSpec;
import dev.sglp.fault.UsageException;
import java.nio.file.Path;

/// What `task:NAME=FILE` says.
public record TaskSpec(String name, Path file) {
    /// @throws UsageException where it is no task
    public static TaskSpec of(DataSpec data) {
        int equals = data.location().indexOf('=');
        if (data.kind() != DataSpec.Kind.TASK || equals < 0) {
            throw new UsageException("data '%s' is no task; expected task:NAME=FILE".formatted(data));
        }
        return new TaskSpec(data.location().substring(0, equals),
                new DataSpec(data.kind(), data.location().substring(equals + 1)).path());
    }
}
