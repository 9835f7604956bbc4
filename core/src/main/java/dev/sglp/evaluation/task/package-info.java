/// Tasks, answered by a language model.
@NullMarked
package dev.sglp.evaluation.task;

import org.jspecify.annotations.NullMarked;
