"""What a Web Feature Service is made of: filters into SQL, features into GML, GeoJSON, CSV and files.

Written over the tables themselves instead of wrapping MapServer's WFS: there, an error comes with status 200 or
behind half an answer, paging has no fixed order, filters miss what Filter Encoding 2.0 asks for and layers of
mixed geometry have no schema. Knows ``layers``; knows nothing of HTTP and of who may see what.
"""
