package dev.sglp.report;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;

/// JSON has no NaN and no infinity: they are written as `null`, and `null` for a number reads as NaN.
final class FiniteNumbers extends SimpleModule {
    private static final long serialVersionUID = 1;

    FiniteNumbers() {
        addSerializer(Double.class, new Out()).addSerializer(double.class, new Out());
        addDeserializer(double.class, new In());
    }

    private static final class Out extends StdSerializer<Double> {
        private static final long serialVersionUID = 1;

        Out() {
            super(Double.class);
        }

        @Override
        public void serialize(Double value, JsonGenerator json, SerializerProvider provider) throws IOException {
            if (Double.isFinite(value)) {
                json.writeNumber(value);
            } else {
                json.writeNull();
            }
        }
    }

    private static final class In extends StdDeserializer<Double> {
        private static final long serialVersionUID = 1;

        In() {
            super(double.class);
        }

        @Override
        public Double deserialize(JsonParser json, DeserializationContext context) throws IOException {
            return _parseDoublePrimitive(json, context);
        }

        @Override
        public Double getNullValue(DeserializationContext context) {
            return Double.NaN;
        }
    }
}
