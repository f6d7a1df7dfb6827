"""The notice by which an authority guides investment into use and disposal of hazardous waste (引导性公告)."""
