/// From calibration, target and criterion to a plan.
@NullMarked
package dev.sglp.method;

import org.jspecify.annotations.NullMarked;
