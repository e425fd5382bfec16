"""The test bed itself: the tutorial's page between two browsers, without callagent. Where these fail,
the other browser tests say nothing about callagent."""

import pytest


@pytest.mark.alone  # it measures
@pytest.mark.parametrize("caller, callee, socketio",
                         [("chromium", "chromium", "2"), ("firefox", "chromium", "4")])
def test_two_browsers_call_each_other(driver, tutorial, caller, callee, socketio):
    url = tutorial(socketio)
    pages = [driver.launch(caller), driver.launch(callee)]
    for page in pages:
        page.open(url)
    pages[0].start_call()
    for page in pages:
        page.wait_frames(30)
        received = page.stats("inbound-rtp")
        assert received["video"]["framesPerSecond"] > 10
        assert received["audio"]["packetsReceived"] > 10
