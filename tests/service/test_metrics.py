from service.metrics import Metrics


def test_metrics_are_rendered_as_prometheus_text():
    metrics = Metrics()
    metrics.count_request("/predict", 200, seconds=0.003)
    metrics.count_prediction(9)
    text = metrics.render().decode()

    assert 'fashion_requests_total{route="/predict",status="200"} 1.0' in text
    assert 'fashion_request_seconds_bucket{le="0.005",route="/predict"} 1.0' in text
    assert 'fashion_predictions_total{class_name="Ankle boot"} 1.0' in text


def test_every_class_is_present_from_the_start():
    assert Metrics().render().decode().count("fashion_predictions_total{") == 10


def test_two_apps_do_not_share_their_metrics():
    first, second = Metrics(), Metrics()
    first.count_prediction(0)

    assert 'fashion_predictions_total{class_name="T-shirt/top"} 0.0' in second.render().decode()
