// placeholder so that the room builds before its first file; removed with it
