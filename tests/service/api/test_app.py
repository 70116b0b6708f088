def test_two_apps_stand_side_by_side(examined):
    from service.api.app import create_app
    from service.config.settings import Settings

    first, second = (create_app(Settings(), examined) for _ in range(2))

    assert first.state.metrics is not second.state.metrics
