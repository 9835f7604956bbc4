package dev.sglp;

import dev.sglp.tensor.Scope;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// A scope around each test and what its class does before and after it: `@ExtendWith(Scoped.class)`.
public final class Scoped implements BeforeEachCallback, AfterEachCallback {
    private static final ExtensionContext.Namespace OWN = ExtensionContext.Namespace.create(Scoped.class);

    @Override
    public void beforeEach(ExtensionContext context) {
        context.getStore(OWN).put(Scope.class, Scope.open());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        context.getStore(OWN).remove(Scope.class, Scope.class).close();
    }
}
