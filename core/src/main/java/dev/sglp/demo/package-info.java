/// What the demo needs besides the method: its network's training and its control.
@NullMarked
package dev.sglp.demo;

import org.jspecify.annotations.NullMarked;
