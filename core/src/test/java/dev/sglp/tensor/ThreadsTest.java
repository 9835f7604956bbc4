package dev.sglp.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ThreadsTest {
    private final int before = Threads.count();

    @AfterEach
    void asBefore() {
        Threads.use(before);
    }

    @Test
    void everyLaneRunsAtTheSameTimeOnAThreadOfItsOwn() {
        var seen = new ConcurrentSkipListSet<Integer>();
        var together = new CyclicBarrier(3);
        Threads.sideBySide(3, lane -> {
            try {
                together.await(10, TimeUnit.SECONDS);
            } catch (Exception e) {
                throw new AssertionError("the lanes were not under way together", e);
            }
            assertThat(Threads.count()).isEqualTo(1);
            seen.add(lane);
        });
        assertThat(seen).containsExactly(0, 1, 2);
    }

    @Test
    void afterwardsThereAreAsManyThreadsAsBefore() {
        Threads.use(2);
        Threads.sideBySide(2, _ -> {});
        assertThat(Threads.count()).isEqualTo(2);
        assertThat(Threads.<Integer>alone(Threads::count)).isEqualTo(1);
        assertThat(Threads.count()).isEqualTo(2);
    }

    @Test
    void whatALaneThrowsIsThrown() {
        Threads.use(2);
        assertThatThrownBy(() -> Threads.sideBySide(2, lane -> {
            if (lane == 1) {
                throw new IllegalArgumentException("no such layer");
            }
        })).isInstanceOf(IllegalArgumentException.class).hasMessage("no such layer");
        assertThat(Threads.count()).isEqualTo(2);
    }

    @Test
    void aFailingLaneStopsTheOthersAtTheirNextUnitOfWork() {
        Threads.use(2);
        var done = new AtomicInteger();
        assertThatThrownBy(() -> Threads.each(2000, i -> {
            if (i == 1) {
                throw new IllegalArgumentException("no such item");
            }
            pause(done);
        })).isInstanceOf(IllegalArgumentException.class).hasMessage("no such item");
        assertThat(done).hasValueLessThan(500); // of 1000 that the other lane has
        assertThat(Threads.count()).isEqualTo(2);
        done.set(0);
        assertThatThrownBy(() -> Threads.sideBySide(2, lane -> {
            for (int unit = 0; unit < 1000; unit++) {
                Threads.goOn();
                if (lane == 1) {
                    throw new OutOfMemoryError("too little");
                }
                pause(done);
            }
        })).isInstanceOf(OutOfMemoryError.class).hasMessage("too little");
        assertThat(done).hasValueLessThan(500);
    }

    @Test
    void whereNothingFailedWorkGoesOn() {
        Threads.goOn();
        Threads.sideBySide(1, _ -> Threads.goOn());
        Threads.sideBySide(2, _ -> Threads.goOn());
    }

    /// A unit of work of 5 ms.
    private static void pause(AtomicInteger done) {
        try {
            TimeUnit.MILLISECONDS.sleep(5);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        done.incrementAndGet();
    }

    @Test
    void fewThreadsAreLanesManyWorkTogether() {
        Threads.use(4);
        assertThat(Threads.lanes()).isEqualTo(4);
        Threads.use(5);
        assertThat(Threads.lanes()).isEqualTo(1);
    }
}
