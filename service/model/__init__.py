"""Turns an examined model into calibrated predictions; knows neither HTTP nor settings."""
