"""Open311 GeoReport v2 for complaints, suggestions and thanks about units: another form of the service `complaint`."""
