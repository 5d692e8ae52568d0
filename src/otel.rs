//! Traces, by OpenTelemetry: the spans of requests and jobs go to a collector, each job beneath the request that caused it.
//!
//! Part of the program only with the feature `otel`.

use crate::config::Config;
use domain::trace::{self, Collector, Trace};
use opentelemetry::{
    Context,
    trace::{
        SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState, TracerProvider,
    },
};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use std::time::Duration;
use tracing::{Level, Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{Layer, filter::Targets, registry::LookupSpan};

/// How long the end waits for the collector to take what is left: the whole program has ten seconds.
const LAST_WORDS: Duration = Duration::from_millis(300);

/// Sends spans, until it is dropped: then what is left is sent.
pub(crate) struct Tracing(SdkTracerProvider);

impl Tracing {
    /// Makes what sends them, where the settings say where to.
    ///
    /// # Errors
    /// Variables of OpenTelemetry that make no sense.
    pub(crate) fn new(config: &Config) -> Result<Option<Self>, ExporterBuildError> {
        let Some(endpoint) = &config.otlp_endpoint else {
            return Ok(None);
        };
        let exporter = SpanExporter::builder().with_http();
        let exporter = exporter.with_endpoint(format!("{endpoint}/v1/traces"));
        // OTEL_SERVICE_NAME names it otherwise.
        let resource = match std::env::var_os("OTEL_SERVICE_NAME") {
            Some(_) => Resource::builder(),
            None => Resource::builder().with_service_name("roster"),
        };
        let provider = SdkTracerProvider::builder()
            .with_resource(resource.build())
            .with_batch_exporter(exporter.build()?)
            .build();
        Ok(Some(Self(provider)))
    }

    /// What hears of spans. It hears of our own alone, whatever is logged.
    pub(crate) fn layer<S: Subscriber + for<'a> LookupSpan<'a>>(&self) -> impl Layer<S> + use<S> {
        trace::collect(Spans);
        let own = ["api", "domain", "jobs", "roster"].map(|own| (own, Level::INFO));
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("roster"))
            .with_location(false)
            .with_threads(false)
            .with_filter(own.into_iter().collect::<Targets>())
    }
}

impl Drop for Tracing {
    fn drop(&mut self) {
        if let Err(error) = self.0.shutdown_with_timeout(LAST_WORDS) {
            tracing::warn!(%error, "some traces were not sent");
        }
    }
}

/// Tells `domain` about spans.
struct Spans;

impl Collector for Spans {
    fn begin(&self, span: &Span, cause: Option<Trace>) {
        let kind = match span.metadata().map(tracing::Metadata::name) {
            Some("request") => "server",
            Some("job") => "consumer",
            _ => "internal",
        };
        span.record("otel.kind", kind);
        if let Some(cause) = cause {
            let context = SpanContext::new(
                TraceId::from(cause.id),
                SpanId::from(cause.parent),
                TraceFlags::new(cause.flags),
                true,
                TraceState::default(),
            );
            // Where the span is not recorded there is nothing to adopt.
            let _ = span.set_parent(Context::new().with_remote_span_context(context));
        }
    }

    fn trace_of(&self, span: &Span) -> Option<Trace> {
        let context = span.context();
        let span = context.span();
        let context = span.span_context();
        context.is_valid().then(|| Trace {
            id: u128::from_be_bytes(context.trace_id().to_bytes()),
            parent: u64::from_be_bytes(context.span_id().to_bytes()),
            flags: context.trace_flags().to_u8(),
        })
    }
}
